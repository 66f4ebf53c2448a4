"""One of each state that people meet, beside Northwind: made by the product's own operations."""
