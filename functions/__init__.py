"""One folder a cloud function, each deployable alone; one never imports another."""
