"""Every write to what sources hold and what stocks have sold; one subject a file.

Rows are locked in one order everywhere: order, shipments, source items, future supply, then the
balances per stock and product (last, hottest), each table in key order.
"""
