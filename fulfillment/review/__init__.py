"""The backorder review: filters, the list, saved views, and moves in bulk."""
