"""The main job on real input (`make run`): over HTTP, each actor with their own credentials."""
