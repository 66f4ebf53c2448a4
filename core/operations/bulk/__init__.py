"""Bulk work: rows previewed, confirmed, then changed part by part, by a worker when many."""
