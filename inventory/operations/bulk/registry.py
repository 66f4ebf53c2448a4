"""The table of bulk actions, for what makes them."""

from typing import Any

from core.operations.bulk.row_plans import RowAction
from inventory.operations.bulk.actions import Action
from inventory.operations.bulk.options import ITEM_OPTION, PRODUCT_OPTION
from inventory.operations.bulk.product_assignment import ASSIGN, UNASSIGN
from inventory.operations.bulk.status import STATUS
from inventory.operations.bulk.take_back import TAKE_BACK
from inventory.operations.bulk.transfer import TRANSFER

ROW_ACTIONS: dict[str, RowAction[Any]] = {
    Action.ASSIGN: ASSIGN,
    Action.UNASSIGN: UNASSIGN,
    Action.TRANSFER: TRANSFER,
    Action.STATUS: STATUS,
    Action.PRODUCT_OPTION: PRODUCT_OPTION,
    Action.ITEM_OPTION: ITEM_OPTION,
    Action.TAKE_BACK: TAKE_BACK,
}
