"""Fetches READY shipments from the shelves: pick lists, and what is picked of them."""
