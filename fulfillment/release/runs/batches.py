"""One walk over the queue, a batch at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from math import inf
from zoneinfo import ZoneInfo

from django.db import DataError, IntegrityError, OperationalError, transaction

from core.database_faults import PassingFault, passing_fault
from core.operations import job_records
from fulfillment.models import ReleaseRun
from fulfillment.operations.shipments.dates import DateRules
from fulfillment.release.planning.kept_units import KeptUnits
from fulfillment.release.planning.planner import Planner
from fulfillment.release.planning.values import Decision, QueuedShipment, ReleaseSettings, Supply
from fulfillment.release.rows import decision_log
from fulfillment.release.rows.queue import LOCK_SECONDS, Pace, QueuePosition, batches_of_queue
from fulfillment.release.rows.reading import (
    Batch,
    expect_rows_near,
    lock_supply,
    read_batch,
    read_sources,
)
from fulfillment.release.rows.writing import apply_decisions
from inventory.options import ReleaseMode

BATCH_SIZE = 10_000
ATTEMPTS = 3
# What rows that contradict each other bring about, in deciding and in writing.
FAULTS = (ArithmeticError, LookupError, ValueError, IntegrityError, DataError)

Chooses = Callable[[Decision], bool]
Notes = Callable[[ReleaseRun, Mapping[str, int]], None]


def everything(decision: Decision) -> bool:
    """Choose every decision."""
    return True


def note_counts(run: ReleaseRun, counts: Mapping[str, int]) -> None:
    """Keep the counts of a run, and that it lives."""
    kept = dict(counts)
    job_records.advance(job_id=run.pk, done=kept.pop("done_count"))
    ReleaseRun.objects.filter(pk=run.pk).update(**kept)


class Walk:
    """Decides the queue batch by batch, and writes what is chosen.

    What is decided and not chosen is set aside: nobody else is given those units. ``run`` is the
    record that counts and decisions go to; without one, and in a dry run, nothing else is written.
    ``notes`` keeps the counts, in the transaction of each batch. ``own_modes`` are those of
    shipments, by id, that are not released in the mode in force.
    """

    def __init__(
        self,
        supply: Supply,
        settings: ReleaseSettings,
        *,
        now: datetime,
        zone: ZoneInfo,
        run: ReleaseRun | None = None,
        chooses: Chooses = everything,
        notes: Notes = note_counts,
        own_modes: Mapping[int, ReleaseMode] | None = None,
    ) -> None:
        self.supply = supply
        self._settings = settings
        self._planner = Planner(supply, settings, now.astimezone(zone).date())
        self._now = now
        self._zone = zone
        self._run = run
        self._chooses = chooses
        self._notes = notes
        self._own_modes = own_modes or {}
        self._is_dry = run is None or run.is_dry_run
        self._pace = Pace(most=BATCH_SIZE, seconds=inf if self._is_dry else LOCK_SECONDS)
        # Products of the last batch that was written.
        self._touched: list[int] = []
        # Products whose promises this walk gave back.
        self.freed: set[int] = set()

    def queue(self, *, leaves_out_settled: bool) -> Iterator[list[int]]:
        """Yield the batches of the whole queue, those that wait for what there is any left of."""
        available = self._planner.available()
        return batches_of_queue(available, self._pace, leaves_out_settled=leaves_out_settled)

    def part(self, positions: Iterable[QueuePosition]) -> Iterator[list[int]]:
        """Yield the batches of a part of the queue, in queue order."""
        shipment_ids = (position.shipment_id for position in sorted(positions))
        return self._pace.batches(lambda size: list(islice(shipment_ids, size)))

    def over(self, batches: Iterable[list[int]]) -> Iterator[list[Decision]]:
        """Yield the chosen decisions of each batch of shipment ids, written and counted.

        Each batch is a transaction of its own. A shipment that cannot be decided or written fails
        alone and is recorded so.
        """
        for shipment_ids in batches:
            decisions = self._with_care(shipment_ids)
            self.freed |= _freed(decisions)
            yield decisions

    def _with_care(self, shipment_ids: list[int]) -> list[Decision]:
        """Write a batch; where a row is at fault, halve it until that row is alone."""
        kept = self._planner.kept_units()
        try:
            return self._patiently(shipment_ids, kept)
        except FAULTS as fault:
            self._planner.restore(kept, self._touched)
            if len(shipment_ids) == 1:
                return self._fail(shipment_ids[0], str(fault))
        middle = len(shipment_ids) // 2
        return self._with_care(shipment_ids[:middle]) + self._with_care(shipment_ids[middle:])

    def _patiently(self, shipment_ids: list[int], kept: KeptUnits) -> list[Decision]:
        """Write a batch, and again where the database ended it to let others on."""
        for _attempt in range(ATTEMPTS - 1):
            try:
                return self._write(shipment_ids)
            except OperationalError as error:
                # Others were in the way, in an order that locks cannot rule out, or for too long.
                if passing_fault(error) is not PassingFault.LOCKED:
                    raise
                self._planner.restore(kept, self._touched)
        return self._write(shipment_ids)

    def _write(self, shipment_ids: list[int]) -> list[Decision]:
        with transaction.atomic():
            expect_rows_near()
            batch = read_batch(
                shipment_ids, now=self._now, zone=self._zone, is_locked=not self._is_dry
            )
            item_ids = {} if self._is_dry else self._refresh(batch)
            chosen = self._decide(batch.shipments)
            if self._run is not None and not self._is_dry:
                apply_decisions(
                    [decision for decision in chosen if not decision.error],
                    batch,
                    item_ids,
                    now=self._now,
                    dates=replace(
                        DateRules.in_force(),
                        zone=self._zone,
                        default_days=self._settings.default_backorder_days,
                    ),
                    actor_id=self._run.started_by_id,
                    run_id=self._run.pk,
                    reason=self._run.reason,
                )
            counts = self._record(chosen)
        self._count(counts)
        return chosen

    def _decide(self, shipments: Iterable[QueuedShipment]) -> list[Decision]:
        chosen = []
        for shipment in map(self._in_own_mode, shipments):
            try:
                decision = self._planner.decide(shipment)
            except (ArithmeticError, LookupError) as fault:
                decision = Decision(shipment, error=str(fault))
            if self._chooses(decision):
                chosen.append(decision)
            else:
                self._planner.set_aside(decision)
        return chosen

    def _in_own_mode(self, shipment: QueuedShipment) -> QueuedShipment:
        own_mode = self._own_modes.get(shipment.id)
        return shipment if own_mode is None else replace(shipment, own_mode=own_mode)

    def _refresh(self, batch: Batch) -> Mapping[tuple[int, int], int]:
        """Go on with what the rows hold under lock: buyers and staff may have moved them.

        Return the source items' ids, by (product, source).
        """
        self._touched = product_ids = batch.product_ids
        locked = lock_supply(product_ids)
        self._planner.refresh(product_ids, locked.available, locked.promisable)
        self._planner.close(*read_sources())
        return locked.item_ids

    def _fail(self, shipment_id: int, fault: str) -> list[Decision]:
        with transaction.atomic():
            batch = read_batch([shipment_id], now=self._now, zone=self._zone, is_locked=False)
            failed = [Decision(shipment, error=fault) for shipment in batch.shipments]
            chosen = [decision for decision in failed if self._chooses(decision)]
            counts = self._record(chosen)
        self._count(counts)
        return chosen

    def _count(self, counts: Mapping[str, int]) -> None:
        for name, count in counts.items():
            setattr(self._run, name, count)

    def _record(self, decisions: list[Decision]) -> Mapping[str, int]:
        """Keep the decisions, in the transaction that writes them; return the run's new counts."""
        run = self._run
        if run is None:
            return {}
        decision_log.keep_decisions(
            run.pk,
            decisions,
            self.supply,
            first_position=run.done_count + 1,
            is_dry=self._is_dry,
        )
        counts = decision_log.counts_with(run, decisions)
        self._notes(run, counts)
        return counts


def _freed(decisions: Iterable[Decision]) -> set[int]:
    """Return the products of promises that moved to current stock."""
    return {
        need.product_id
        for decision in decisions
        if decision.shipment.is_future and decision.children
        for need in decision.shipment.needs
    }
