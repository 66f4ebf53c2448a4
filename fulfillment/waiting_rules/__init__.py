"""Waiting rules at work: the shipments of each, the acts, the runs."""
