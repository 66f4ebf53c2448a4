"""The release board: when runs start, what they do now, and what to do when they do not."""
