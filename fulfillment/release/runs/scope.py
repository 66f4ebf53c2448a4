"""The part of the queue that a run is limited to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from core.operations import job_records
from fulfillment.models import ReleaseRun, Shipment, ShipmentLine, Shipments
from fulfillment.release.planning.values import ReleaseSettings
from fulfillment.release.rows.queue import products_of, queue_positions_of, rivals_of
from fulfillment.release.rows.reading import read_supply
from fulfillment.release.runs.batches import Chooses, Notes, Walk, everything, note_counts
from fulfillment.review.filters import shipments_matching
from inventory.options import ReleaseMode


@dataclass(frozen=True, slots=True)
class RunScope:
    """A part of the queue; what is given must all hold, and nothing given is the whole queue.

    ``stock`` is a code, ``filter`` the querystring of the review list, ``shipments`` are numbers,
    ``products`` ids. With a ``mode``, what is there of the chosen shipments is released so,
    whatever the mode in force.
    """

    stock: str = ""
    filter: str = ""
    shipments: tuple[str, ...] = ()
    products: tuple[int, ...] = ()
    mode: str = ""

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
            "mode": self.mode,
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
            mode=values.get("mode", ""),
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


def walk_scope(
    scope: RunScope,
    settings: ReleaseSettings,
    *,
    now: datetime,
    zone: ZoneInfo,
    run: ReleaseRun | None = None,
    chooses: Chooses = everything,
    notes: Notes = note_counts,
) -> tuple[Walk, Iterator[list[int]]]:
    """Return the walk over a part of the queue, or over all, and its batches.

    ``notes`` keeps the counts of ``run`` after each batch, in the transaction that writes it.

    :raises django.core.exceptions.ValidationError: if the scope's filter is not understood.
    """
    if scope.is_everything:
        supply = read_supply(now=now, zone=zone)
        _expect(run, Shipment.objects.in_queue().count())
        walk = Walk(supply, settings, now=now, zone=zone, run=run, chooses=chooses, notes=notes)
        # What a policy keeps for a shipment, it keeps in every run; what is shown, is shown whole.
        is_settling = settings.is_all_or_nothing
        is_shown = run is None or run.is_dry_run
        return walk, walk.queue(leaves_out_settled=is_settling and not is_shown)
    chosen = frozenset(shipments_in(scope, today=now.astimezone(zone).date(), zone=zone))
    positions = queue_positions_of(chosen)
    _expect(run, len(positions))
    rivals = rivals_of(positions, can_be_kept_for=not settings.is_all_or_nothing)
    walk = Walk(
        read_supply(
            products_of([position.shipment_id for position in {*positions, *rivals}]),
            now=now,
            zone=zone,
        ),
        settings,
        now=now,
        zone=zone,
        run=run,
        chooses=lambda decision: decision.shipment.id in chosen and chooses(decision),
        notes=notes,
        own_modes=dict.fromkeys(chosen, ReleaseMode(scope.mode)) if scope.mode else {},
    )
    return walk, walk.part({*positions, *rivals})


def _expect(run: ReleaseRun | None, count: int) -> None:
    """Say how many shipments there are to consider at most, for the progress bar."""
    if run is not None:
        job_records.expect(job_id=run.pk, total=count)
