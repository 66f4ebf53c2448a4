"""What keeps the books true and small: counters, figures, old rows, the schedule."""
