"""Payments: the gateway protocol, the built-in gateways, and the effects of their answers."""
