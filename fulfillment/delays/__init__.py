"""Delays: when customers are told or asked, what their answer or silence means."""
