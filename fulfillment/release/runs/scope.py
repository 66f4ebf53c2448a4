"""What a run is limited to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from fulfillment.models import Shipment, ShipmentLine, Shipments
from fulfillment.review.filters import shipments_matching


@dataclass(frozen=True, slots=True)
class RunScope:
    """A part of the queue; what is given must all hold, and nothing given is the whole queue.

    ``stock`` is a code, ``filter`` the querystring of the review list, ``shipments`` are numbers,
    ``products`` ids.
    """

    stock: str = ""
    filter: str = ""
    shipments: tuple[str, ...] = ()
    products: tuple[int, ...] = ()

    @property
    def is_everything(self) -> bool:
        return self == EVERYTHING

    def as_json(self) -> dict[str, Any]:
        """Return the scope as it is kept with its run; empty for the whole queue."""
        values = {
            "stock": self.stock,
            "filter": self.filter,
            "shipments": list(self.shipments),
            "products": list(self.products),
        }
        return {name: value for name, value in values.items() if value}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "RunScope":
        """Return the scope that :meth:`as_json` gave."""
        return cls(
            stock=values.get("stock", ""),
            filter=values.get("filter", ""),
            shipments=tuple(values.get("shipments", ())),
            products=tuple(values.get("products", ())),
        )


EVERYTHING = RunScope()


def check_filter(scope: RunScope, *, today: date, zone: ZoneInfo) -> None:
    """Read the filter of a scope, without a query.

    :raises django.core.exceptions.ValidationError: if it is not understood.
    """
    if scope.filter:
        shipments_matching(scope.filter, shipments=Shipment.objects.none(), today=today, zone=zone)


def shipments_in(scope: RunScope, *, today: date, zone: ZoneInfo) -> list[int]:
    """Return the ids of the waiting shipments that a scope chooses.

    :raises django.core.exceptions.ValidationError: if its filter is not understood.
    """
    chosen: Shipments = Shipment.objects.in_queue()
    if scope.stock:
        chosen = chosen.filter(stock__code=scope.stock)
    if scope.shipments:
        chosen = chosen.filter(number__in=scope.shipments)
    if scope.products:
        lines = ShipmentLine.objects.filter(
            shipment=OuterRef("pk"), product__in=scope.products, quantity__gt=0
        )
        chosen = chosen.filter(Exists(lines))
    if scope.filter:
        chosen = shipments_matching(scope.filter, shipments=chosen, today=today, zone=zone)
    return list(chosen.order_by("pk").values_list("pk", flat=True))
