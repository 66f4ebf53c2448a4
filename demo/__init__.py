"""The demo: Northwind's facts as the books of a merchant."""
