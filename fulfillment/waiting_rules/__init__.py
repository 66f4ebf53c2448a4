"""Waiting rules at work: the shipments of each, the acts, and the runs."""
