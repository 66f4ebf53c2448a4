"""Applies a saved dry run as it was shown, or says what has moved since."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.release import engine
from fulfillment.release.lock import ReleaseBusyError, release_lock
from fulfillment.release.plan import Decision, ReleaseSettings
from fulfillment.release.records import detail_of
from fulfillment.release.scope import RunScope
from fulfillment.release.settings_in_force import as_json, release_settings
from fulfillment.release.snapshot import read_supply

# The children of a decision, as a run keeps them.
Children = Sequence[Mapping[str, Any]]


class NotApplicableError(Exception):
    """The run is no dry run, or did not come to its end: there is nothing to apply."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A shipment of which something else would become now than was shown.

    ``shown`` and ``now`` are its children as a run keeps them, empty where it waits.
    """

    shipment: str
    shown: Children
    now: Children


class DriftError(Exception):
    """The world has moved since the dry run; nothing was written. ``drift`` says where."""

    def __init__(self, drift: Sequence[Drift]) -> None:
        super().__init__(f"{len(drift)} shipments")
        self.drift = tuple(drift)


def apply_run(
    *,
    run_id: int,
    now: datetime,
    zone: ZoneInfo,
    by_id: int | None,
    trigger: str = ReleaseRun.Trigger.STAFF,
    accepts_drift: bool = False,
) -> ReleaseRun:
    """Release exactly what a dry run showed; return the record of the run that did.

    Without ``accepts_drift``, all of it in one transaction: if one shipment would fare otherwise
    by now, nothing is written. With it, the decisions that still hold are applied, a transaction
    a batch, and the units of the others are left alone.

    :raises NotApplicableError: if the run is no completed dry run.
    :raises ReleaseBusyError: if another run is going on and does not end in time.
    :raises DriftError: if the world has moved and that is not accepted.

    Rule: Backorder release, dry run.
    """
    saved = ReleaseRun.objects.get(pk=run_id)
    if not saved.is_dry_run or saved.state != ReleaseRun.State.COMPLETED:
        raise NotApplicableError(saved.pk)
    with release_lock(wait_seconds=engine.WAIT_SECONDS) as is_held:
        if not is_held:
            raise ReleaseBusyError
        shown = _shown(saved)
        values = engine.values_for(saved)
        settings = release_settings(values, today=now.astimezone(zone).date())
        if not accepts_drift:
            drift = list(_drift(saved, shown, settings, now=now, zone=zone))
            if drift:
                raise DriftError(drift)
        with nullcontext() if accepts_drift else transaction.atomic():
            run = engine.begin_run(
                trigger=trigger,
                now=now,
                by_id=by_id,
                scope=RunScope.from_json(saved.scope),
                settings=as_json(values),
                note={"as_shown": saved.pk, **_policy_of(saved)},
            )
            differing = _apply(run, shown, settings, now=now, zone=zone)
            if differing and not accepts_drift:
                raise DriftError(differing)
            engine.finish(run, ReleaseRun.State.COMPLETED, "")
    return run


def drift_of(*, run_id: int, now: datetime, zone: ZoneInfo) -> list[Drift]:
    """Return where the world has moved since a dry run; writes nothing.

    Rule: Backorder release, dry run.
    """
    saved = ReleaseRun.objects.get(pk=run_id)
    settings = release_settings(engine.values_for(saved), today=now.astimezone(zone).date())
    return list(_drift(saved, _shown(saved), settings, now=now, zone=zone))


def _policy_of(saved: ReleaseRun) -> dict[str, object]:
    return {name: value for name, value in saved.scope.items() if name == "policy"}


def _shown(saved: ReleaseRun) -> dict[int, Children]:
    """Return the children that were shown, by shipment id; empty for one that waits."""
    decisions = ReleaseDecision.objects.filter(run=saved).values_list("shipment_id", "detail")
    return {shipment_id: detail["children"] for shipment_id, detail in decisions.iterator()}


def _drift(
    saved: ReleaseRun,
    shown: Mapping[int, Children],
    settings: ReleaseSettings,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Iterator[Drift]:
    """Plan anew, write nothing, and yield what differs."""
    seen: set[int] = set()
    supply = read_supply()
    walk, batches = engine.walk_scope(RunScope.from_json(saved.scope), settings, now=now, zone=zone)
    for decisions in walk.over(batches):
        for decision in decisions:
            seen.add(decision.shipment.id)
            children = detail_of(decision, supply)["children"]
            if children != shown.get(decision.shipment.id, []):
                yield Drift(decision.shipment.number, shown.get(decision.shipment.id, []), children)
    yield from _gone(shown, seen)


def _gone(shown: Mapping[int, Children], seen: set[int]) -> Iterator[Drift]:
    """Yield what was to be released and does not wait any more."""
    gone = [pk for pk, children in shown.items() if children and pk not in seen]
    for pk, number in (
        Shipment.objects.filter(pk__in=gone).order_by("pk").values_list("pk", "number")
    ):
        yield Drift(number, shown[pk], [])


def _apply(
    run: ReleaseRun,
    shown: Mapping[int, Children],
    settings: ReleaseSettings,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> list[Drift]:
    """Walk the queue and write what is as it was shown; return what is not."""
    supply = read_supply()
    seen: set[int] = set()
    differing: list[Drift] = []

    def holds(decision: Decision) -> bool:
        shipment = decision.shipment
        seen.add(shipment.id)
        children = detail_of(decision, supply)["children"]
        was = shown.get(shipment.id, [])
        if children != was:
            differing.append(Drift(shipment.number, was, children))
            return False
        return shipment.id in shown

    walk, batches = engine.walk_scope(
        RunScope.from_json(run.scope), settings, now=now, zone=zone, run=run, chooses=holds
    )
    for _decisions in walk.over(batches):
        pass
    return [*differing, *_gone(shown, seen)]
