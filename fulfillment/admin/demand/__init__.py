"""The page of demand, which leads to orders of supply."""
