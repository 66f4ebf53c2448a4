"""Delays: customers are asked about late units, their answers, and what silence brings."""
