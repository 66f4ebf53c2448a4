"""Changes to many rows at once: planned row by row, shown, and then made."""
