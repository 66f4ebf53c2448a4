"""Delays: customers are asked about late units; what their answers or their silence bring."""
