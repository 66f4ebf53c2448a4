"""Bulk work: rows previewed, confirmed, and changed part by part, by a worker when many."""
