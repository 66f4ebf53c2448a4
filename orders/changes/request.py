"""One change of a placed order as it is asked for, as values; PURE."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from orders.placing.request import Address, LineRequest


@dataclass(frozen=True, slots=True)
class NewContact:
    """What of the customer is set; None stays as it is."""

    name: str | None = None
    email: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ChangePayment:
    """How what a change costs is paid: with a new token, or recorded as due, by hand.

    Neither: as the order was paid before.
    """

    token: str = ""
    is_due: bool = False


class SubstitutePrice(StrEnum):
    """What a substitute costs in all: what the units that it replaces cost, or its own price."""

    FORMER = "FORMER"
    PRODUCT = "PRODUCT"


@dataclass(frozen=True, slots=True)
class Substitution:
    """Open units of an order line, by its id, that become units of another product."""

    line_id: int
    quantity: Decimal
    sku: str
    new_quantity: Decimal
    price: SubstitutePrice = SubstitutePrice.FORMER


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What of an order changes; what is left out stays as it is. Nothing in it has been checked.

    ``address`` takes the place of the whole address, coordinates included. ``fulfillment_method``
    and the code of the ``pickup_source`` have what has still to leave routed anew. With
    ``chooses_sources_again`` READY shipments are given the sources that the new address asks for.
    ``add`` are new lines; ``cancel`` are open units by order line id; ``substitute`` are units that
    become units of other products. ``ship_complete``: nothing of it leaves before all of it can.
    ``shown_amount`` is what the new lines cost in all as it was shown; None is not compared.
    """

    contact: NewContact | None = None
    address: Address | None = None
    fulfillment_method: str | None = None
    pickup_source: str | None = None
    chooses_sources_again: bool = False
    ship_complete: bool | None = None
    add: tuple[LineRequest, ...] = ()
    cancel: Mapping[int, Decimal] = field(default_factory=dict)
    substitute: tuple[Substitution, ...] = ()
    payment: ChangePayment = ChangePayment()
    shown_amount: Decimal | None = None

    @property
    def sets_something(self) -> bool:
        """Whether it says who ordered, or where and how the order goes."""
        asked = (
            self.contact,
            self.address,
            self.fulfillment_method,
            self.pickup_source,
            self.ship_complete,
        )
        return any(each is not None for each in asked) or self.chooses_sources_again
