"""Takes in what ad platforms report: leads, days of spend, statuses."""
