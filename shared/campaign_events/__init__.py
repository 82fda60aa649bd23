"""What ad platforms tell of campaigns and leads, in our own words: by webhook, or asked for."""
