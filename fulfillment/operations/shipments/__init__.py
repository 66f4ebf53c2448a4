"""Shipments under lock, with what every move of them needs."""
