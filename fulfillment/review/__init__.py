"""The review of what waits: filters, the list, saved views, and moves in bulk."""
