"""The backorder review: the pages on which staff work through backorders."""
