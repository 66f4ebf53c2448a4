"""Reads what a release is planned from, and writes what was decided."""
