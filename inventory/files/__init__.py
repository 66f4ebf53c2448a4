"""CSV, in or out, one format a file."""
