"""The page of a release run: progress, settings, decisions with their reasons."""
