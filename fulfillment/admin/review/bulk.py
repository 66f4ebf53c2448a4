"""Moves for many shipments: a page that says what each would get, and the button that does it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fulfillment.admin.review import release
from fulfillment.admin.review.actions import OfferedAction, actions_for
from fulfillment.admin.review.asked import Moment, this_moment
from fulfillment.admin.review.bulk_form import ChangeForm, ChosenForm
from fulfillment.admin.review.page import NAME
from fulfillment.review import bulk_job
from fulfillment.review.bulk import Outcome, make, rehearse
from fulfillment.review.change import BulkChange
from fulfillment.review.selection import Selection, last_shipment

SHOWN = 50
# More than this is done by a worker.
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen in the list: an action, and the shipments it is for."""

    offered: OfferedAction
    selection: Selection
    back: str
    count: int


def preview(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Say what each shipment would get."""
    moment = this_moment()
    choice = _choice(admin, request, moment)
    if isinstance(choice, HttpResponse):
        return choice
    if choice.offered.code == release.DRY_RUN:
        return _released(request, choice, moment, is_dry_run=True)
    if choice.offered.code == release.RELEASE:
        return _release_page(admin, request, choice, moment)
    form = ChangeForm(request.POST if "asked" in request.POST else None, choice.offered)
    change = form.change() if not form.fields or form.is_valid() else None
    return _page(admin, request, choice, form, change, moment)


def apply(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Do it: at once for a few, by a worker for many."""
    moment = this_moment()
    choice = _choice(admin, request, moment)
    if isinstance(choice, HttpResponse):
        return choice
    if choice.offered.code in (release.RELEASE, release.DRY_RUN):
        is_dry_run = choice.offered.code == release.DRY_RUN
        return _released(request, choice, moment, is_dry_run=is_dry_run)
    form = ChangeForm(request.POST, choice.offered)
    if form.fields and not form.is_valid():
        return _page(admin, request, choice, form, None, moment)
    if choice.offered.is_final and "is_sure" not in request.POST:
        messages.error(request, _("Tick that you are sure: this cannot be undone."))
        return _page(admin, request, choice, form, form.change(), moment)
    change = form.change()
    if choice.count <= AT_ONCE:
        return _done_at_once(request, choice, change, moment)
    job = bulk_job.submit(
        change, choice.selection, total=choice.count, by_id=request.user.pk, now=moment.now
    )
    return redirect("admin:inventory_job_progress", job.pk)


def _released(
    request: HttpRequest, choice: Choice, moment: Moment, *, is_dry_run: bool
) -> HttpResponse:
    """Start a run over what was chosen; its page shows how far it is, and what each gets."""
    run = release.start(choice.selection, moment, by_id=request.user.pk, is_dry_run=is_dry_run)
    return redirect("admin:fulfillment_releaserun_change", run.pk)


def _release_page(
    admin: ModelAdmin, request: HttpRequest, choice: Choice, moment: Moment
) -> HttpResponse:
    """Say what each of a few would get; of many, offer a dry run that says so."""
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "title": choice.offered.label,
        "choice": choice,
        "outlooks": release.outlooks(choice.selection, moment) if choice.count <= AT_ONCE else [],
        "list_address": f"{reverse(NAME)}?{choice.back}",
        "apply_address": reverse(f"{NAME}_bulk_apply"),
    }
    return TemplateResponse(request, "fulfillment/review/release.html", context)


def _done_at_once(
    request: HttpRequest, choice: Choice, change: BulkChange, moment: Moment
) -> HttpResponse:
    keys = choice.selection.shipments().queue_order().values_list("pk", flat=True)
    outcomes = [
        make(key, change, today=moment.today, now=moment.now, actor_id=request.user.pk, key="")
        for key in list(keys)
    ]
    _tell(request, choice.offered, outcomes)
    return redirect(f"{reverse(NAME)}?{choice.back}")


def _tell(request: HttpRequest, offered: OfferedAction, outcomes: list[Outcome]) -> None:
    changed = sum(outcome.effect.is_change for outcome in outcomes)
    values = {"action": offered.label, "count": changed}
    messages.success(
        request,
        ngettext(
            "%(action)s: %(count)d shipment changed.",
            "%(action)s: %(count)d shipments changed.",
            changed,
        )
        % values,
    )
    left = Counter(outcome.effect.sentence for outcome in outcomes if not outcome.effect.is_change)
    for sentence, count in sorted(left.items()):
        left_alone = ngettext(
            "%(count)d shipment stays as it is. %(why)s",
            "%(count)d shipments stay as they are. %(why)s",
            count,
        )
        messages.warning(request, left_alone % {"count": count, "why": sentence})


def _choice(admin: ModelAdmin, request: HttpRequest, moment: Moment) -> Choice | HttpResponse:
    """Return what was chosen, or the way back to the list with what is wrong.

    :raises PermissionDenied: if this person may not do it.
    """
    if not admin.has_view_permission(request):
        raise PermissionDenied
    allowed = actions_for(request)
    form = ChosenForm(request.POST, allowed)
    if form.is_valid() and form.cleaned_data["action"] not in form.allowed:
        raise PermissionDenied
    back = request.POST.get("back", "")
    if not form.is_valid():
        faults = [fault for faults in form.errors.values() for fault in faults]
        return _back(request, " ".join(dict.fromkeys(map(str, faults))), back)
    chosen = form.cleaned_data
    selection = Selection(
        ticked=() if chosen["all"] else form.ticked,
        filter=chosen["filter"],
        today=moment.today,
        zone=moment.zone,
        up_to=last_shipment(),
    )
    try:
        count = selection.shipments().count()
    except ValidationError:
        return _back(request, _("The filter is not understood."), back)
    if not count:
        return _back(request, _("None of these shipments is there any more."), back)
    return Choice(form.allowed[chosen["action"]], selection, back, count)


def _back(request: HttpRequest, message: str, back: str) -> HttpResponse:
    messages.error(request, message)
    return redirect(f"{reverse(NAME)}?{back}")


def _page(
    admin: ModelAdmin,
    request: HttpRequest,
    choice: Choice,
    form: ChangeForm,
    change: BulkChange | None,
    moment: Moment,
) -> HttpResponse:
    number = _page_number(request, choice.count)
    outcomes: list[Outcome] = []
    if change is not None:
        start = (number - 1) * SHOWN
        keys = choice.selection.shipments().queue_order().values_list("pk", flat=True)
        outcomes = rehearse(
            list(keys[start : start + SHOWN]),
            change,
            today=moment.today,
            now=moment.now,
            actor_id=request.user.pk,
        )
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "title": choice.offered.label,
        "action": choice.offered,
        "choice": choice,
        "form": form,
        "is_previewed": change is not None,
        "outcomes": outcomes,
        "changed_count": sum(outcome.effect.is_change for outcome in outcomes),
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
