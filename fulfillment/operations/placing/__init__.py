"""The shipments that an order starts with."""
