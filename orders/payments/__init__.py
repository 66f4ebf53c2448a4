"""Payments: the gateway protocol, the built-in gateways, the effects of their answers."""
