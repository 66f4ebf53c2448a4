"""The bulk actions on products and source items, and what takes them back."""

from enum import StrEnum


class Action(StrEnum):
    """A bulk action, as a change keeps it."""

    ASSIGN = "ASSIGN"
    UNASSIGN = "UNASSIGN"
    TRANSFER = "TRANSFER"
    STATUS = "STATUS"
    PRODUCT_OPTION = "PRODUCT_OPTION"
    ITEM_OPTION = "ITEM_OPTION"
    TAKE_BACK = "TAKE_BACK"
