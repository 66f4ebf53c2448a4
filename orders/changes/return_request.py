"""One return as it is asked for, as values; PURE."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from orders.permissions import CHANGE, REFUND


class ReturnMoney(StrEnum):
    """What becomes of the money of returned units."""

    REFUND = "REFUND"
    LATER = "LATER"
    NONE = "NONE"
    EXCHANGE = "EXCHANGE"


# Money is paid back by who may refund alone, units are exchanged by who may change orders.
NEEDED = {ReturnMoney.REFUND: REFUND, ReturnMoney.EXCHANGE: CHANGE}


@dataclass(frozen=True, slots=True)
class ReturnedUnits:
    """Units of one order line that came back in one condition.

    Without ``shipment`` they are those that left first. ``is_to_stock`` left out: unless they are
    damaged. Without ``source_id`` they are at the source of their shipment.
    """

    line_id: int
    quantity: Decimal
    condition: str
    is_to_stock: bool | None = None
    source_id: int | None = None
    shipment: str | None = None


@dataclass(frozen=True, slots=True)
class NewUnits:
    """Units of a product that take the place of the returned units of a line."""

    sku: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """Units that came back, and what becomes of their money. Nothing in it has been checked.

    ``exchange`` is by order line id: what takes the place of the units of each line.
    """

    lines: tuple[ReturnedUnits, ...]
    money: ReturnMoney
    exchange: Mapping[int, NewUnits] = field(default_factory=dict)
