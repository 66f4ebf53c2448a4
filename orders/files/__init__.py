"""Orders as a file, in or out, a row for each line."""
