"""Addresses of the admin's lists, filtered, for people who may open them."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from fulfillment.models import Shipment

WAITING = {"state__in": ",".join(Shipment.WAITING_STATES)}


class ListLinks:
    """Makes the addresses of filtered lists; "" where the user may not view the list."""

    def __init__(self, request: HttpRequest, zone: ZoneInfo) -> None:
        self._user = request.user
        self._zone = zone

    def to(self, model: str, filters: Mapping[str, str]) -> str:
        """Return the list of ``model`` ("app.model") narrowed by ``filters``."""
        app, name = model.split(".")
        if not self._user.has_perm(f"{app}.view_{name}"):
            return ""
        address = reverse(f"admin:{app}_{name}_changelist")
        return f"{address}?{urlencode(filters)}" if filters else address

    def shipments(self, **filters: str) -> str:
        return self.to("fulfillment.shipment", filters)

    def review(self, **filters: str) -> str:
        """Return the backorder review of all waiting shipments, narrowed by its own filters."""
        if not self._user.has_perm("fulfillment.view_shipment"):
            return ""
        asked = {"state": ",".join(Shipment.WAITING_STATES)} | filters
        return f"{reverse('admin:fulfillment_shipment_review')}?{urlencode(asked)}"

    def waiting(self, **filters: str) -> str:
        return self.to("fulfillment.shipment", WAITING | filters)

    def days(self, name: str, first: date, last: date) -> dict[str, str]:
        """Return the filter of a time ``name`` on the days from ``first`` to ``last``."""
        end = self._start(last + timedelta(days=1))
        return {f"{name}__gte": self._start(first), f"{name}__lt": end}

    def _start(self, day: date) -> str:
        return datetime.combine(day, time.min, self._zone).isoformat()
