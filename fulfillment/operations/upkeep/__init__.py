"""Upkeep of the books: counters, figures, old rows, the schedule."""
