"""Applies what a dry run has shown, where it would still be decided so.

What is written all or nothing is one transaction, which nobody sees into. A connection beside it
shows how far it is, so until the end that transaction leaves the run's own row alone.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from core.operations import job_records, jobs
from core.sql import literals
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.operations.shipments.allocation_counters import QUEUES
from fulfillment.release.planning.values import Decision, ReleaseSettings
from fulfillment.release.rows.decision_log import detail_of
from fulfillment.release.rows.reading import read_supply
from fulfillment.release.runs import record
from fulfillment.release.runs.scope import RunScope, walk_scope
from inventory.operations.ledger import BALANCES

# A run keeps no more of its drift than people read.
KEPT_DRIFT = 1_000
LEFT = (ReleaseDecision.Outcome.RELEASED, ReleaseDecision.Outcome.PARTLY_RELEASED)
COUNTS = (
    "released_count",
    "split_count",
    "future_count",
    "waiting_count",
    "failed_count",
)

STEP = "UPDATE fulfillment_releaserun SET message_code = %(step)s WHERE job_id = %(run)s"

# One transaction over many batches locks what all of them need before the first, in the order of
# the house: a batch that came to lower keys than the one before could end in a deadlock.
SHOWN = "SELECT shipment_id FROM fulfillment_releasedecision WHERE run_id = %(saved)s"
# Balances are needed of what is released alone.
LEAVING = f"{SHOWN} AND outcome <> {literals(ReleaseDecision.Outcome.WAITING)}"
ORDERS = f"SELECT order_id FROM fulfillment_shipment WHERE id IN ({SHOWN})"  # noqa: S608
PRODUCTS = "SELECT product_id FROM fulfillment_shipmentline WHERE shipment_id IN"
OF_SHOWN, OF_LEAVING = (f"product_id IN ({PRODUCTS} ({chosen}))" for chosen in (SHOWN, LEAVING))


def _lock(table: str, chosen: str, *, key: str = "id", strength: str = "UPDATE") -> str:
    # The keys stay with the server: there may be a million.
    rows = f"SELECT id FROM {table} WHERE {chosen} ORDER BY {key} FOR {strength}"  # noqa: S608
    return f"SELECT count(*) FROM ({rows}) AS locked"  # noqa: S608 - constants


LOCK_SHOWN = (
    _lock("orders_order", f"id IN ({ORDERS})", strength="SHARE"),
    _lock("fulfillment_shipment", f"id IN ({SHOWN})"),
    _lock("inventory_sourceitem", OF_SHOWN),
    _lock("inventory_futuresupply", OF_SHOWN),
    _lock(BALANCES.table, OF_LEAVING, key=", ".join(BALANCES.key)),
    _lock(QUEUES.table, OF_LEAVING, key=", ".join(QUEUES.key)),
)

Message = ReleaseRun.Message
State = ReleaseRun.State
# The children of a decision, as a run keeps them.
Children = Sequence[Mapping[str, Any]]
Until = Callable[[Iterator[list[int]]], Iterator[list[int]]]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Drift:
    """A shipment of which something else would become now than was shown.

    ``shown`` and ``now`` are its children as a run keeps them, empty where it waits.
    """

    shipment: str
    shown: Children
    now: Children


class Comparison:
    """Sets what is decided beside what a dry run has shown.

    ``saved`` is the dry run; what the runs ``before`` have released of it is not asked for again.
    """

    def __init__(
        self,
        saved: ReleaseRun,
        *,
        now: datetime,
        zone: ZoneInfo,
        before: Collection[int] = (),
    ) -> None:
        released = ReleaseDecision.objects.filter(run__in=before, outcome__in=LEFT)
        self._done = set(released.values_list("shipment_id", flat=True))
        self._shown = _shown(saved)
        self._supply = read_supply(now=now, zone=zone)
        self._seen: set[int] = set()
        # By shipment: a batch that cannot be written is decided again, in halves.
        self._differing: dict[int, Drift] = {}

    def holds(self, decision: Decision) -> bool:
        """Return whether a decision is as shown; what was not shown at all does not hold."""
        shipment = decision.shipment
        if shipment.id in self._done:
            return False
        self._seen.add(shipment.id)
        children = detail_of(decision, self._supply)["children"]
        was = self._shown.get(shipment.id, [])
        if children != was:
            self._differing[shipment.id] = Drift(shipment.number, was, children)
            return False
        self._differing.pop(shipment.id, None)
        return shipment.id in self._shown

    def drift(self) -> list[Drift]:
        """Return what differs, with what was to be released and does not wait any more."""
        known = self._seen | self._done
        gone = [pk for pk, was in self._shown.items() if was and pk not in known]
        rows = Shipment.objects.filter(pk__in=gone).order_by("pk").values_list("pk", "number")
        return [
            *self._differing.values(),
            *(Drift(number, self._shown[pk], []) for pk, number in rows),
        ]


def compare(
    saved: ReleaseRun,
    settings: ReleaseSettings,
    *,
    now: datetime,
    zone: ZoneInfo,
    until: Until = iter,
    progress: Progress | None = None,
) -> list[Drift]:
    """Plan a dry run again, write and lock nothing, and return what differs.

    ``until`` may end the batches early; ``progress`` is told how many were considered so far.
    """
    comparison = Comparison(saved, now=now, zone=zone)
    walk, batches = walk_scope(RunScope.from_json(saved.scope), settings, now=now, zone=zone)
    done = 0
    for decisions in walk.over(until(batches)):
        for decision in decisions:
            comparison.holds(decision)
        done += len(decisions)
        if progress is not None:
            progress(done)
    return comparison.drift()


def apply_as_shown(
    run: ReleaseRun, settings: ReleaseSettings, *, now: datetime, zone: ZoneInfo
) -> ReleaseRun | None:
    """Release what a dry run showed, and close ``run``; return the run that follows it, if any.

    The caller holds the release lock and has begun ``run``, whose scope names the dry run. Where
    it accepts drift, the decisions that still hold are applied, a transaction a batch; else all
    of them in one, or, where one shipment would fare otherwise by now, none.

    Rule: Backorder release, dry run.
    """
    if run.scope.get("accepts_drift"):
        return _apply_what_holds(run, settings, now=now, zone=zone)
    with closing(connections[DEFAULT_DB_ALIAS].copy()) as watch:
        return _apply_whole(run, settings, watch, now=now, zone=zone)


def _apply_what_holds(
    run: ReleaseRun, settings: ReleaseSettings, *, now: datetime, zone: ZoneInfo
) -> ReleaseRun | None:
    comparison = Comparison(_saved(run), before=record.attempts_before(run), now=now, zone=zone)
    scope = RunScope.from_json(run.scope)
    walk, batches = walk_scope(
        scope, settings, now=now, zone=zone, run=run, chooses=comparison.holds
    )
    for _decisions in walk.over(record.until_canceled(run, batches)):
        pass
    if run.is_cancel_requested:
        record.finish(run, State.CANCELED, Message.CANCELED)
        return None
    drift = comparison.drift()
    _keep(run, drift)
    code = Message.STILL_HELD if drift else ""
    return record.complete(run, walk.freed, now=now, code=code, values=_count(drift))


def _apply_whole(
    run: ReleaseRun,
    settings: ReleaseSettings,
    watch: BaseDatabaseWrapper,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> ReleaseRun | None:
    drift = _drift_before(run, settings, watch, now=now, zone=zone)
    if drift or run.is_cancel_requested:
        _close_unapplied(run, drift)
        return None

    def notes(run: ReleaseRun, counts: Mapping[str, int]) -> None:
        _show(watch, run, Message.APPLYING, done=counts["done_count"])

    comparison = Comparison(_saved(run), now=now, zone=zone)
    scope = RunScope.from_json(run.scope)
    # Before the transaction: it writes how many there are to consider.
    walk, batches = walk_scope(
        scope, settings, now=now, zone=zone, run=run, chooses=comparison.holds, notes=notes
    )
    _show(watch, run, Message.APPLYING, done=0)
    with transaction.atomic():
        _lock_shown(run)
        for _decisions in walk.over(record.until_canceled(run, batches)):
            pass
        drift = [] if run.is_cancel_requested else comparison.drift()
        is_applied = not drift and not run.is_cancel_requested
        if is_applied:
            run.save(update_fields=COUNTS)
            following = record.complete(run, walk.freed, now=now)
        else:
            transaction.set_rollback(True)
    if not is_applied:
        _close_unapplied(run, drift)
        return None
    return following


def _lock_shown(run: ReleaseRun) -> None:
    with connection.cursor() as cursor:
        for statement in LOCK_SHOWN:
            cursor.execute(statement, {"saved": run.scope["as_shown"]})


def _drift_before(
    run: ReleaseRun,
    settings: ReleaseSettings,
    watch: BaseDatabaseWrapper,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> list[Drift]:
    """Plan again without a lock or a write; return what differs, nothing if canceled meanwhile."""
    saved = _saved(run)
    job_records.expect(job_id=run.pk, total=saved.done_count)
    _show(watch, run, Message.COMPARING, done=0)
    drift = compare(
        saved,
        settings,
        now=now,
        zone=zone,
        until=lambda batches: record.until_canceled(run, batches),
        progress=lambda done: _show(watch, run, Message.COMPARING, done=done),
    )
    return [] if run.is_cancel_requested else drift


def _close_unapplied(run: ReleaseRun, drift: Sequence[Drift]) -> None:
    """Close a run of which nothing was written."""
    run.refresh_from_db()
    run.done_count = 0
    if run.is_cancel_requested:
        record.finish(run, State.CANCELED, Message.NOT_APPLIED)
        return
    _keep(run, drift)
    record.finish(run, State.SKIPPED, Message.DRIFTED, _count(drift))


def _keep(run: ReleaseRun, drift: Sequence[Drift]) -> None:
    kept = [asdict(row) for row in drift[:KEPT_DRIFT]]
    ReleaseRun.objects.filter(pk=run.pk).update(drift=kept)


def _count(drift: Sequence[Drift]) -> dict[str, int]:
    return {"count": len(drift)} if drift else {}


def _saved(run: ReleaseRun) -> ReleaseRun:
    return ReleaseRun.objects.get(pk=run.scope["as_shown"])


def _shown(saved: ReleaseRun) -> dict[int, Children]:
    """Return the children that were shown, by shipment id; empty for one that waits."""
    decisions = ReleaseDecision.objects.filter(run=saved).values_list("shipment_id", "detail")
    return {shipment_id: detail["children"] for shipment_id, detail in decisions.iterator()}


def _show(watch: BaseDatabaseWrapper, run: ReleaseRun, step: str, *, done: int) -> None:
    """Show everybody at once how far the run is, whatever transaction it is in."""
    with watch.cursor() as cursor:
        cursor.execute(STEP, {"run": run.pk, "step": str(step)})
    jobs.show_progress(watch, run.pk, done=done)
