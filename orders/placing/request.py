"""An order as a customer requests it, as values; PURE."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from json import dumps

SHIP_TO_HOME = "SHIP_TO_HOME"
PICKUP = "PICKUP"


@dataclass(frozen=True, slots=True)
class LineRequest:
    """Units of one SKU; without a unit price the product's own counts."""

    sku: str
    quantity: Decimal
    unit_price: Decimal | None = None
    discount: Decimal = Decimal("0.00")
    tax: Decimal = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Customer:
    name: str
    email: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a ship-to-home order goes; coordinates let the nearest source serve it."""

    recipient: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """How the order is paid: the gateway's name, and the token it gave the customer."""

    gateway: str = "manual"
    token: str = ""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as it comes in over any interface; nothing in it has been checked.

    ``ship_complete``: nothing of it leaves before all of it can; None is as the site has it.
    """

    channel: str
    customer: Customer
    lines: tuple[LineRequest, ...]
    fulfillment_method: str = SHIP_TO_HOME
    pickup_source: str | None = None
    address: Address = field(default_factory=Address)
    priority: int = 0
    currency: str = "USD"
    number: str | None = None
    payment: PaymentRequest = field(default_factory=PaymentRequest)
    placed_at: datetime | None = None
    ship_complete: bool | None = None

    def fingerprint(self) -> str:
        """Return a digest that is equal for equal requests, however their numbers are written."""
        text = dumps(_plain(asdict(self)), sort_keys=True, ensure_ascii=True)
        return sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case Decimal():
            return str(value.normalize()) if value.is_finite() else str(value)
        case datetime():
            return value.isoformat()
        case _:
            return value
