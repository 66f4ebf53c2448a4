"""The table of bulk actions, with what takes each back."""

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
