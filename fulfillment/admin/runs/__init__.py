"""The page of a release run: progress, settings, decisions and reasons."""
