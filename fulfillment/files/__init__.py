"""Formats of files about shipments."""
