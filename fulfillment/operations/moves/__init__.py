"""Moves of shipments by a person, be it staff or a customer; one move a file."""
