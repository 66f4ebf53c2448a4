"""The decisions of a run, kept as rows to be read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection

from core.quantities import format_quantity, quantity_of
from fulfillment.models import ReleaseDecision, ReleaseRun
from fulfillment.release.planning.values import Child, Decision, Shortage, Supply

Outcome = ReleaseDecision.Outcome


def outcome_of(decision: Decision) -> Outcome:
    """Return what a decision comes to."""
    if decision.error:
        return Outcome.FAILED
    if decision.is_complete:
        return Outcome.RELEASED
    return Outcome.PARTLY_RELEASED if decision.children else Outcome.WAITING


def detail_of(decision: Decision, supply: Supply) -> dict[str, Any]:
    """Return a decision as JSON: children, shortages with reasons, the earliest date.

    Of one that failed, ``error`` says why.
    """
    detail = {
        "children": [_child(child, supply) for child in decision.children],
        "shortages": [_shortage(shortage, supply) for shortage in decision.shortages],
        "expected_on": None if decision.expected_on is None else decision.expected_on.isoformat(),
    }
    return {**detail, "error": decision.error} if decision.error else detail


def counts_with(run: ReleaseRun, decisions: Sequence[Decision]) -> dict[str, int]:
    """Return the counts of a run, by field, once these decisions are added."""
    released = [decision for decision in decisions if decision.children]
    failed = sum(bool(decision.error) for decision in decisions)
    return {
        "done_count": run.done_count + len(decisions),
        "released_count": run.released_count + len(released),
        "split_count": run.split_count
        + sum(not decision.becomes_ready_itself for decision in released),
        "future_count": run.future_count
        + sum(
            any(child.expected_on is not None for child in decision.children)
            for decision in released
        ),
        "waiting_count": run.waiting_count
        + sum(not decision.is_complete for decision in decisions)
        - failed,
        "failed_count": run.failed_count + failed,
    }


def keep_decisions(
    run_id: int,
    decisions: Iterable[Decision],
    supply: Supply,
    *,
    first_position: int,
    is_dry: bool,
) -> None:
    """Write the decisions of a batch beside their run; ``is_dry`` ones explain nothing later."""
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY fulfillment_releasedecision "
            "(run_id, shipment_id, position, outcome, detail, explains_wait) FROM STDIN"
        ) as copy,
    ):
        for position, decision in enumerate(decisions, start=first_position):
            copy.write_row(
                (
                    run_id,
                    decision.shipment.id,
                    position,
                    outcome_of(decision).value,
                    json.dumps(detail_of(decision, supply)),
                    bool(decision.shortages) and not is_dry,
                )
            )


def _child(child: Child, supply: Supply) -> dict[str, Any]:
    units: dict[int, int] = {}
    for take in child.parts:
        units[take.product_id] = units.get(take.product_id, 0) + take.units
    return {
        "source": supply.sources[child.source_id].code,
        "expected_on": None if child.expected_on is None else child.expected_on.isoformat(),
        "takes": _by_sku(units, supply),
    }


def _by_sku(units: Mapping[int, int], supply: Supply) -> list[dict[str, str]]:
    return [
        {"sku": supply.products[product_id].sku, "quantity": _text(count)}
        for product_id, count in units.items()
    ]


def _shortage(shortage: Shortage, supply: Supply) -> dict[str, Any]:
    return {
        "sku": supply.products[shortage.product_id].sku,
        "missing": _text(shortage.missing),
        "reasons": [reason.value for reason in shortage.reasons],
        "facts": dict(shortage.facts),
    }


@lru_cache(maxsize=10_000)
def _text(units: int) -> str:
    return format_quantity(quantity_of(units))
