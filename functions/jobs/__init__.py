"""What a scheduler sets going: telling partners of leads, and upkeep."""
