"""A year of the whole marketplace, a day at a time, in a database whose clock is put on by a day."""
