"""Shipments under lock, and what every move of them needs."""
