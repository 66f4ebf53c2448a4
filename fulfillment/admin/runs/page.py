"""The page of one run: its record, its decisions as a list or a file, its application."""

from collections.abc import Iterator
from typing import Any

import django_filters as filters
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.pages import answer, csv_file
from core.admin.theme import INPUT_CLASS, SELECT_CLASS
from core.formats import span
from fulfillment.admin.reason_groups import ReasonGroup, reason_groups
from fulfillment.admin.reasons import sentences, what_and_why
from fulfillment.admin.runs.wording import (
    COLORS,
    duration,
    scope_in_words,
    settings_in_words,
    what_to_do,
)
from fulfillment.models import ReleaseDecision, ReleaseRun
from fulfillment.queries.run_outcomes import reasons_of_runs
from fulfillment.release.runs.apply_dry_run import NotApplicableError, request_apply
from fulfillment.review.filters import DecisionReasonFilter, OneFilter
from inventory.files.cells import Value, lines

PAGE_SIZE = 50
Outcome = ReleaseDecision.Outcome
COLOR_OF = {
    Outcome.RELEASED: "good",
    Outcome.PARTLY_RELEASED: "info",
    Outcome.WAITING: "warning",
    Outcome.FAILED: "bad",
}


class DecisionFilterSet(filters.FilterSet):
    """Narrows decisions by outcome, by a reason for waiting, and by words of the number."""

    outcome = OneFilter(
        choices=ReleaseDecision.Outcome.choices,
        label=gettext_lazy("Outcome"),
        widget=forms.Select({"class": SELECT_CLASS}),
    )
    reason = DecisionReasonFilter(
        label=gettext_lazy("Why it waits"), widget=forms.Select({"class": SELECT_CLASS})
    )
    number = filters.CharFilter(
        field_name="shipment__number",
        lookup_expr="icontains",
        label=gettext_lazy("Shipment number contains"),
        widget=forms.TextInput({"class": INPUT_CLASS}),
    )

    class Meta:
        model = ReleaseDecision
        fields: list[str] = []


def run_page(admin: AnyPage, request: HttpRequest, run_id: int) -> HttpResponse:
    """Show a run."""
    run = _run(run_id)
    chosen = _filters(run, request)
    page = Paginator(chosen.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    name = _("Dry run %(run)s") if run.is_dry_run else _("Release run %(run)s")
    outcomes = _outcomes(run, request)
    context: dict[str, Any] = {
        **_progress(request, run),
        **drift_context(run),
        "original": run,
        "has_change_permission": False,
        "has_view_permission": True,
        "settings": settings_in_words(run.settings_in_force),
        "scope": scope_in_words(run.scope),
        "form": chosen.form,
        "outcomes": outcomes,
        "reason_groups": _groups(run, request, sum(outcome["count"] for outcome in outcomes)),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "decisions": [
            {
                "decision": decision,
                "color": COLOR_OF[Outcome(decision.outcome)],
                "why": what_and_why(decision.detail) or _unchanged(decision),
            }
            for decision in page
        ],
        "question": _question(request),
        "is_narrowed": any(request.GET.get(field) for field in DecisionFilterSet.base_filters),
    }
    return answer(admin, request, "fulfillment/runs/page.html", name % {"run": run}, context)


def progress_part(admin: AnyPage, request: HttpRequest, run_id: int) -> HttpResponse:
    """Answer the part that is renewed while the run goes on."""
    run = _run(run_id)
    context = _progress(request, run)
    response = TemplateResponse(request, "fulfillment/runs/progress.html", context)
    if run.is_finished:
        # Its decisions are complete now: the whole page is shown again.
        response["HX-Refresh"] = "true"
    return response


def decisions_file(admin: AnyPage, request: HttpRequest, run_id: int) -> StreamingHttpResponse:
    """Send the decisions that match, as CSV."""
    run = _run(run_id)
    header = [_("Position"), _("Shipment"), _("Outcome"), _("Decision"), _("Could go on")]
    rows = _rows(_filters(run, request).qs)
    return csv_file(lines(header, rows), f"release-run-{run.pk}.csv")


def _progress(request: HttpRequest, run: ReleaseRun) -> dict[str, Any]:
    """Return the state of a run, for its page and for the part that is renewed."""
    now = timezone.now()
    return {
        "run": run,
        "released_nothing": run.state == ReleaseRun.State.COMPLETED
        and not run.is_dry_run
        and not run.released_count,
        "color": COLORS[ReleaseRun.State(run.state)],
        "took": duration(run)
        if run.is_finished
        else span(now - (run.started_at or run.created_at)),
        "remedy": what_to_do(run, user=request.user),
        "is_applicable": is_applicable(run),
        "may_run": request.user.has_perm("fulfillment.add_releaserun"),
        "counts": [
            (_("Considered"), run.done_count),
            (pgettext("shipments", "Released"), run.released_count),
            (pgettext("shipments", "Split"), run.split_count),
            (_("Promised from future supply"), run.future_count),
            (_("Waiting"), run.waiting_count),
            (_("Failed"), run.failed_count),
        ],
    }


def _run(run_id: int) -> ReleaseRun:
    return get_object_or_404(ReleaseRun.objects.select_related("started_by"), pk=run_id)


def _decisions(run: ReleaseRun) -> QuerySet[ReleaseDecision]:
    return ReleaseDecision.objects.filter(run=run).order_by("position", "pk")


def _filters(run: ReleaseRun, request: HttpRequest) -> DecisionFilterSet:
    return DecisionFilterSet(request.GET, _decisions(run).select_related("shipment"))


def _outcomes(run: ReleaseRun, request: HttpRequest) -> list[dict[str, Any]]:
    """Return each outcome with how many decisions have it, to choose at a click."""
    counted = dict(
        _decisions(run).order_by("outcome").values_list("outcome").annotate(number=Count("pk"))
    )
    return [
        {
            "label": outcome.label,
            "count": counted[outcome],
            "address": f"?{_question(request, outcome=outcome.value)}",
            "is_chosen": request.GET.get("outcome") == outcome,
        }
        for outcome in Outcome
        if outcome in counted
    ]


# To read the reasons of more decisions would take longer than the page.
MOST_GROUPED = 5_000


def _groups(run: ReleaseRun, request: HttpRequest, count: int) -> list[ReasonGroup]:
    """Return the decisions in groups by reason; none where there are too many."""
    if count > MOST_GROUPED:
        return []
    return reason_groups(
        reasons_of_runs([run.pk])[run.pk],
        request.user,
        lambda reason: f"?{urlencode({'reason': reason})}#run-decisions",
    )


def _question(request: HttpRequest, **changes: str) -> str:
    """Return the address's filters, without the page."""
    parameters = request.GET.copy()
    parameters.pop("page", None)
    for name, value in changes.items():
        parameters[name] = value
    return parameters.urlencode()


def _rows(decisions: QuerySet[ReleaseDecision]) -> Iterator[tuple[Value, ...]]:
    for decision in decisions.iterator(chunk_size=2_000):
        for sentence in sentences(decision.detail) or [_unchanged(decision)]:
            yield (
                decision.position,
                decision.shipment.number,
                decision.get_outcome_display(),
                sentence,
                decision.detail.get("expected_on"),
            )


def _unchanged(decision: ReleaseDecision) -> str:
    """Return what a decision says that neither moves a shipment nor finds units missing."""
    if decision.outcome == Outcome.WAITING:
        return _("It stays promised from incoming supply.")
    return str(decision.detail.get("error", ""))


SHOWN = 100
RUN = "admin:fulfillment_releaserun_change"


def apply_page(admin: AnyPage, request: HttpRequest, run_id: int) -> HttpResponse:
    """Confirm that a dry run is applied, and have a worker do so."""
    run = get_object_or_404(ReleaseRun, pk=run_id)
    if request.method != "POST":
        title = _("Apply dry run %(run)s") % {"run": run}
        original = {"opts": admin.opts, "original": run}
        context = {**original, "run": run, "is_applicable": is_applicable(run)}
        return answer(admin, request, "fulfillment/runs/apply.html", title, context)
    try:
        applied = request_apply(
            run_id=run.pk,
            act=Act(timezone.now(), request.user.pk),
            accepts_drift="accepts_drift" in request.POST,
        )
    except NotApplicableError:
        messages.error(request, _("Only a dry run that has completed can be applied."))
        return redirect(RUN, run.pk)
    sentence = _("Dry run %(run)s is applied as soon as a worker is free; follow it here.")
    messages.success(request, sentence % {"run": run})
    return redirect(RUN, applied.pk)


def is_applicable(run: ReleaseRun) -> bool:
    """Whether a run can be applied."""
    is_complete = run.state == ReleaseRun.State.COMPLETED
    return run.is_dry_run and is_complete and run.released_count > 0


def drift_context(run: ReleaseRun) -> dict[str, Any]:
    """Return the drift that a run met, as its page shows it."""
    return {
        "drift_count": run.message_values.get("count", 0) if run.drift else 0,
        "drift": [
            {"shipment": row["shipment"], "shown": _words(row["shown"]), "now": _words(row["now"])}
            for row in run.drift[:SHOWN]
        ],
        "dry_run_id": run.scope.get("as_shown"),
        "may_accept_drift": run.message_code == ReleaseRun.Message.DRIFTED,
    }


def _words(children: list[dict[str, Any]]) -> list[str]:
    return sentences({"children": children}) or [_("It stays backordered.")]
