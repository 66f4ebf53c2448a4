"""The page of the board, and its actions."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.admin.bases import AnyPage
from core.admin.pages import answer
from core.clock import site_zone
from core.operations import jobs
from fulfillment.admin.board.live import MAY_SCHEDULE, live_context
from fulfillment.admin.scheduled.entries import entry_of, in_words
from fulfillment.models import DailyFigures, ReleaseRun
from fulfillment.queries.product_jobs import RELEASE_TASK
from fulfillment.queries.schedule import read_schedule
from fulfillment.release.runs import engine
from fulfillment.release.runs.rules import values_in_force
from inventory.admin.option_fields import in_words as option_in_words
from inventory.options import BY_NAME, ReleasePolicy

BOARD = "admin:fulfillment_release_board"


def board_page(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Show the board."""
    now = timezone.now()
    schedule = read_schedule(now=now)
    zone = site_zone()
    context: dict[str, Any] = {
        **live_context(request, now=now),
        "schedule": schedule,
        "rhythm": "" if schedule is None else in_words(schedule, now=now, zone=zone),
        "times": []
        if schedule is None
        else [at.astimezone(zone) for at in schedule.next_times(now=now)],
        "entry": None if schedule is None else entry_of(schedule, now=now),
        "release_task": RELEASE_TASK,
        "policies": [
            (policy.value, option_in_words(BY_NAME["release_policy"], policy.value))
            for policy in ReleasePolicy
        ],
        "may_schedule": request.user.has_perm(MAY_SCHEDULE),
        "overtaken": _overtaken(),
    }
    return answer(admin, request, "fulfillment/board/page.html", _("Release board"), context)


def live_part(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Answer the part that is renewed, for the page to put in its place."""
    context = live_context(request, now=timezone.now())
    return TemplateResponse(request, "fulfillment/board/part.html", context)


def start_run(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Have a worker release the whole queue, or make a dry run of it."""
    run = engine.request_run(
        trigger=ReleaseRun.Trigger.STAFF,
        now=timezone.now(),
        by_id=request.user.pk,
        is_dry_run="dry_run" in request.POST,
    )
    messages.success(request, _("Run %(run)s starts as soon as a worker is free.") % {"run": run})
    return redirect(BOARD)


def cancel_run(admin: AnyPage, request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask a run to stop."""
    run = get_object_or_404(ReleaseRun, pk=run_id)
    if jobs.request_cancel(job_id=run.pk):
        messages.success(request, _("Run %(run)s stops before its next batch.") % {"run": run})
    else:
        messages.warning(request, _("Run %(run)s has ended already.") % {"run": run})
    return redirect(BOARD)


def _overtaken() -> dict[str, Any] | None:
    """Return how many old shipments were overtaken, where the policy in force lets them be."""
    values = values_in_force()
    figures = DailyFigures.objects.order_by("-on").first()
    if values["release_policy"] != ReleasePolicy.SKIP_OVER or figures is None:
        return None
    if not figures.overtaken_count:
        return None
    days = values["ageing_days"]
    address = f"{reverse('admin:fulfillment_shipment_review')}?{urlencode({'age_days_min': days})}"
    return {"count": figures.overtaken_count, "days": days, "address": address}
