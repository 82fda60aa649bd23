"""What those who write of leads share: how to reach a person, and where they came from."""
