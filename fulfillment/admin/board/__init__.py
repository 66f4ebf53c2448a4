"""The release board: the schedule, runs, problems with their remedies."""
