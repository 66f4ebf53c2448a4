"""Releasing selected shipments: the preview of what each would get, and the run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.acts import Act
from core.admin.bulk.selection import RowSelection, selection_from
from core.operations.bulk.apply import BulkRequest, check_shown
from core.operations.bulk.preview import register
from core.operations.bulk.rows import BulkRow, RowPlan, Sentence
from fulfillment.admin.reasons import sentences
from fulfillment.admin.review.request import NOT_FILTERS
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.release.explanation import explain
from fulfillment.release.runs.engine import request_run
from fulfillment.release.runs.scope import RunScope
from fulfillment.review.bulk import read_shipments
from fulfillment.review.row_values import row_values

WAITING = ReleaseDecision.Outcome.WAITING.value


def plan_release(shipment_ids: Sequence[int], zone: ZoneInfo, act: Act) -> list[BulkRow]:
    """Return what a release would give each shipment now, or why it waits."""
    shipments = read_shipments(shipment_ids)
    found = explain(list(shipments), now=act.at, zone=zone)
    rows = []
    for key in shipment_ids:
        if (shipment := shipments.get(key)) is None:
            continue
        explained = found.get(key)
        is_released = explained is not None and explained.outcome != WAITING
        text = " · ".join(map(str, sentences(explained.detail))) if explained else ""
        said = Sentence("%(text)s", {"text": text})
        rows.append(
            BulkRow(
                key,
                (shipment.number,),
                refusal=None if is_released else said,
                effect=said if is_released else None,
                details=(shipment.order.customer_name, str(shipment.get_state_display())),
            )
        )
    return rows


def read_zone(values: Mapping[str, Any]) -> ZoneInfo:
    return ZoneInfo(values["zone"])


register(
    {
        "RELEASE": RowPlan(
            plan=plan_release, read=read_zone, shown=lambda keys: row_values("RELEASE", keys)
        )
    }
)


def start_release(request: HttpRequest, bulk: BulkRequest, now: datetime) -> HttpResponse:
    """Start a run over what was shown; its page shows how far it is, and what each gets."""
    check_shown(bulk, Act(now, request.user.pk))
    return start_run(request, selection_from(request.GET), now, reason=(bulk.more or {})["reason"])


def start_run(
    request: HttpRequest,
    selection: RowSelection,
    now: datetime,
    *,
    is_dry_run: bool = False,
    reason: str = "",
) -> HttpResponse:
    """Have a worker release what was selected, or say what that would do; the run keeps why."""
    run = request_run(
        trigger=ReleaseRun.Trigger.STAFF,
        now=now,
        by_id=request.user.pk,
        is_dry_run=is_dry_run,
        scope=_scope(selection),
        reason=reason,
    )
    return redirect("admin:fulfillment_releaserun_change", run.pk)


def _scope(selection: RowSelection) -> RunScope:
    if selection.takes_all:
        return RunScope(filter=selection.filters(*NOT_FILTERS).urlencode())
    shipments = Shipment.objects.filter(pk__in=selection.ids).order_by("pk")
    return RunScope(shipments=tuple(shipments.values_list("number", flat=True)))
