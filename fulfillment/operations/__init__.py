"""Moves of shipments by people, customers and deliveries; one subject a file."""
