"""Demand: which units to order for what waits. PURE."""
