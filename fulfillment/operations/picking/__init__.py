"""Fetches READY shipments from the shelves, by pick lists."""
