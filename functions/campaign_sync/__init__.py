"""Asks the ad platforms, and the ECB, what a scheduler has them asked."""
