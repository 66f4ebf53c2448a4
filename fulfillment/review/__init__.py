"""The backorder review: filters, the list, saved views, moves in bulk."""
