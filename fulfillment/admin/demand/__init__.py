"""The page of demand, and the confirmation of what is ordered."""
