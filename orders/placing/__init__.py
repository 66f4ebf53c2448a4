"""Placing orders: a request is checked, routed, written, reserved."""
