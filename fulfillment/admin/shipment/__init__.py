"""The page of one shipment: facts, history, actions."""
