"""Moves for many shipments: a page that says what each would get, and the button that does it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin.bases import AnyPage
from fulfillment.admin.review.actions import (
    DRY_RUN,
    RELEASE,
    OfferedAction,
    ReleaseForm,
    ShipmentChangeForm,
)
from fulfillment.admin.review.outcomes import changed_line, unchanged_line
from fulfillment.admin.review.page import NAME
from fulfillment.admin.review.release import dry_run, release_page, released
from fulfillment.admin.review.request import Moment, this_moment
from fulfillment.admin.review.selection import ChosenShipments, choice_of, difference, previewed_by
from fulfillment.review import bulk_job
from fulfillment.review.bulk import MoveOutcome, preview_moves
from fulfillment.review.change import Occasion, ShipmentBulkChange
from fulfillment.review.steps import steps

SHOWN = 50
# More than this is done by a worker.
AT_ONCE = 50


def preview(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Say what each shipment would get."""
    moment = this_moment()
    choice = choice_of(admin, request, moment)
    if isinstance(choice, HttpResponse):
        return choice
    if choice.offered.code == DRY_RUN:
        return dry_run(request, choice, moment)
    if choice.offered.code == RELEASE:
        return release_page(admin, request, choice, ReleaseForm(), moment)
    form = ShipmentChangeForm(request.POST if "asked" in request.POST else None, choice.offered)
    change = form.change() if not form.fields or form.is_valid() else None
    return _page(admin, request, choice, form, change, moment)


def apply(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Do it: at once for a few, by a worker for many."""
    moment = this_moment()
    choice = choice_of(admin, request, moment)
    if isinstance(choice, HttpResponse):
        return choice
    if choice.offered.code == DRY_RUN:
        return dry_run(request, choice, moment)
    if choice.offered.code == RELEASE:
        return released(admin, request, choice, moment)
    form = ShipmentChangeForm(request.POST, choice.offered)
    if form.fields and not form.is_valid():
        return _page(admin, request, choice, form, None, moment)
    if choice.offered.is_final and "is_sure" not in request.POST:
        messages.error(request, _("Tick that you are sure: this cannot be undone."))
        return _page(admin, request, choice, form, form.change(), moment)
    change = form.change()
    shown = previewed_by(request, choice)
    why_not = difference(shown, change)
    if shown is None or why_not:
        messages.warning(request, why_not)
        return _page(admin, request, choice, form, change, moment)
    choice = replace(choice, selection=shown.selection, extent=shown.extent)
    if choice.count <= AT_ONCE:
        return _done_at_once(request, choice, change, moment, shown.rows())
    job = bulk_job.submit(
        change,
        choice.selection,
        total=choice.count,
        snapshot=shown.snapshot,
        by_id=request.user.pk,
        now=moment.now,
        back=choice.back,
    )
    return redirect("admin:core_job_progress", job.pk)


def _done_at_once(
    request: HttpRequest,
    choice: ChosenShipments,
    change: ShipmentBulkChange,
    moment: Moment,
    shown: Mapping[int, str],
) -> HttpResponse:
    keys = choice.selection.shipments().queue_order().values_list("pk", flat=True)
    made = steps(
        list(keys),
        change,
        Occasion(moment.today, moment.now, request.user.pk, shown),
    )
    _tell(request, choice.offered, list(chain.from_iterable(made)))
    return redirect(f"{reverse(NAME)}?{choice.back}")


def _tell(request: HttpRequest, offered: OfferedAction, outcomes: list[MoveOutcome]) -> None:
    changed = sum(outcome.effect.is_change for outcome in outcomes)
    messages.success(request, changed_line(offered.label, changed))
    left = Counter(outcome.effect.sentence for outcome in outcomes if not outcome.effect.is_change)
    for sentence, count in sorted(left.items()):
        messages.warning(request, unchanged_line(count, sentence))


def _page(
    admin: AnyPage,
    request: HttpRequest,
    choice: ChosenShipments,
    form: ShipmentChangeForm,
    change: ShipmentBulkChange | None,
    moment: Moment,
) -> HttpResponse:
    number = _page_number(request, choice.count)
    outcomes: list[MoveOutcome] = []
    if change is not None:
        start = (number - 1) * SHOWN
        keys = choice.selection.shipments().queue_order().values_list("pk", flat=True)
        outcomes = preview_moves(
            list(keys[start : start + SHOWN]),
            change,
            Occasion(moment.today, moment.now, request.user.pk),
        )
    changed_count = sum(outcome.effect.is_change for outcome in outcomes)
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "title": choice.offered.label,
        "action": choice.offered,
        "choice": choice,
        "form": form,
        "is_previewed": change is not None,
        "previewed": choice.previewed(request.user.pk, change, now=moment.now).signed(),
        "outcomes": outcomes,
        "changed_count": changed_count,
        "is_for_nothing": choice.count <= SHOWN and not changed_count,
        "first": (number - 1) * SHOWN + 1,
        "last": (number - 1) * SHOWN + len(outcomes),
        "previous_number": number - 1,
        "next_number": number + 1 if number * SHOWN < choice.count else 0,
        "by_worker": choice.count > AT_ONCE,
        "list_address": f"{reverse(NAME)}?{choice.back}",
        "preview_address": reverse(f"{NAME}_bulk"),
        "apply_address": reverse(f"{NAME}_bulk_apply"),
    }
    return TemplateResponse(request, "fulfillment/review/bulk.html", context)


def _page_number(request: HttpRequest, count: int) -> int:
    text = request.POST.get("number", "1")
    last = max(1, -(-count // SHOWN))
    return min(max(int(text), 1), last) if text.isascii() and text.isdigit() else 1
