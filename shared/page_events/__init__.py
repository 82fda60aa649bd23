"""What happens on landing pages, on its way to `record_events`."""
