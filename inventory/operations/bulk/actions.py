"""The table of bulk actions."""

from typing import Any

from inventory.models import BulkChange
from inventory.operations.bulk.assign import ASSIGN
from inventory.operations.bulk.item_option import ITEM_OPTION
from inventory.operations.bulk.product_option import PRODUCT_OPTION
from inventory.operations.bulk.status import STATUS
from inventory.operations.bulk.subject import Subject
from inventory.operations.bulk.take_back import TAKE_BACK
from inventory.operations.bulk.transfer import TRANSFER
from inventory.operations.bulk.unassign import UNASSIGN

SUBJECTS: dict[str, Subject[Any]] = {
    BulkChange.Action.ASSIGN: ASSIGN,
    BulkChange.Action.UNASSIGN: UNASSIGN,
    BulkChange.Action.TRANSFER: TRANSFER,
    BulkChange.Action.STATUS: STATUS,
    BulkChange.Action.PRODUCT_OPTION: PRODUCT_OPTION,
    BulkChange.Action.ITEM_OPTION: ITEM_OPTION,
    BulkChange.Action.TAKE_BACK: TAKE_BACK,
}
