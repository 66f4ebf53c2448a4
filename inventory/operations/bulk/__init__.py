"""Changes to many rows at once: planned row by row, shown, then made."""
