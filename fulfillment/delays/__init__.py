"""Delays: when customers are told and asked, and what their answer or silence means."""
