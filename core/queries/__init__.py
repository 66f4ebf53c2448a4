"""Questions about rows of any model; one subject a file."""
