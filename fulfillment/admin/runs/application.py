"""Applies a dry run as shown, and shows the drift since then."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from core.admin.bases import AnyPage
from core.admin.pages import answer
from fulfillment.admin.reasons import sentences
from fulfillment.models import ReleaseRun
from fulfillment.release.runs.apply_dry_run import NotApplicableError, request_apply

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
            now=timezone.now(),
            by_id=request.user.pk,
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
    return sentences({"children": children}) or [_("It waits.")]
