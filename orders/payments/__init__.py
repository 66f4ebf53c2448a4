"""Money: the gateway protocol, the gateways built in, and what their answers do to an order."""
