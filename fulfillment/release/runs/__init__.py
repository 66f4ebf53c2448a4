"""Release runs: their entry points, their batches and their records."""
