"""All functions behind one port."""
