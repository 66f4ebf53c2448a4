"""Shipments by number, release runs by theirs."""

from core.column_limits import row_key
from core.queries.search import Match, Way
from fulfillment.models import ReleaseRun, Shipment


def shipment_ways(text: str) -> list[Way]:
    """Return how ``text`` finds shipments: by the beginning of a number, the newest first."""
    shipments = Shipment.objects.select_related("order", "source").order_by("-pk")
    # Compared as written, for the index of the unique column; letters of a number are capitals.
    exact = shipments.filter(number__in=sorted({text, text.upper()}))
    ways = [Way(Match.EXACT, exact)]
    ways += [
        Way(Match.BEGINNING, shipments.filter(number__startswith=beginning))
        for beginning in sorted({text, text.upper()})
    ]
    return ways


def run_ways(text: str) -> list[Way]:
    """Return how ``text`` finds a release run: by its number."""
    key = row_key(text)
    if key is None:
        return []
    return [Way(Match.EXACT, ReleaseRun.objects.filter(pk=key).order_by("-pk"))]
