"""Ratios against the limits, measured in one run on one machine: `make bench`."""
