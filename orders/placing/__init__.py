"""Placing orders: what is asked for is checked, reserved, routed and written."""
