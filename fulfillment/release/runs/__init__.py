"""Release runs: their entry points, their batches, their records."""
