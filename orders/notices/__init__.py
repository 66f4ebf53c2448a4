"""Tells customers: queued in the transaction that causes it, written and sent after it."""
