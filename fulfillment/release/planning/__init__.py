"""Decides what supply can release, as values; PURE. The rules of release are here."""
