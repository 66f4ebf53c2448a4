"""Which sources serve an order, in how many shipments, and what becomes of the rest; PURE."""
