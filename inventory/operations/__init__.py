"""Every write to the books of the inventory; one subject a file.

Rows are locked in one order everywhere: order, shipments, source items, future supply, then the
balances per stock and product (last, hottest), each table in key order.
"""
