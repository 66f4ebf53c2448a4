"""Orders as a file that comes in and goes out, a row for each line."""
