"""Shows a partner what their landing pages bring."""
