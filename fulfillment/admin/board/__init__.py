"""The release board: schedule, current and last runs, and problems with their remedies."""
