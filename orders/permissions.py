"""The permissions by which people change orders (domain.md §19).

To cancel and to refund are permissions of their own: changing orders gives neither. What a cancel
pays back belongs to the cancel.
"""

CHANGE = "orders.change_order"
CANCEL = "orders.cancel_order"
REFUND = "orders.refund_order"
TAKE_BACK = "orders.add_return"
