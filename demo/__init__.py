"""The demo: Northwind's facts as a merchant's catalogue, history, and open orders."""
