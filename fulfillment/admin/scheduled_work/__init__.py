"""Scheduled work: what runs when, on or off, and the page that changes it."""
