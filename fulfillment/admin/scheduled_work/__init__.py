"""Scheduled work: what runs when, on or off."""
