"""The page of the release board."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.pages import answer
from core.clock import site_zone
from core.formats import ago, span
from core.operations import jobs
from core.quantities import ZERO
from core.workers import LATE_AFTER, Pulse, read_pulse
from fulfillment.admin.runs.wording import COLORS, duration, switch_on, what_to_do
from fulfillment.admin.scheduled_work.entries import entry_of, fault_in_words, in_words, label_of
from fulfillment.models import DailyFigures, ReleaseRun, Shipment
from fulfillment.queries.product_jobs import RELEASE_TASK
from fulfillment.queries.rest_of_orders import units_kept_for_rest
from fulfillment.queries.schedule import ScheduledTask, ScheduleState, read_all, read_schedule
from fulfillment.release.runs import engine
from fulfillment.release.runs.run_settings import values_in_force
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
        "rest": _kept_for_rest(request),
        "opts": None,
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
        act=Act(timezone.now(), request.user.pk),
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


def _kept_for_rest(request: HttpRequest) -> dict[str, Any] | None:
    """Return the units set aside for orders that ship complete; None where there are none."""
    rows = units_kept_for_rest()
    if not rows:
        return None
    asked = urlencode({"hold_reason__exact": Shipment.HoldReason.REST.value})
    may_look = request.user.has_perm("fulfillment.view_shipment")
    address = f"{reverse('admin:fulfillment_shipment_changelist')}?{asked}"
    return {
        "quantity": sum((row.quantity for row in rows), ZERO),
        "wanted": sum((row.wanted for row in rows), ZERO),
        "rows": rows[:MOST_PRODUCTS],
        "left_over": max(len(rows) - MOST_PRODUCTS, 0),
        "address": address if may_look else "",
    }


LAST_RUNS = 10
# As many products are read at a glance.
MOST_PRODUCTS = 20
LONG_QUEUE = 100
SILENT_RUN = timedelta(minutes=5)
MAY_SCHEDULE = "fulfillment.change_scheduledwork"
MAY_SEE_CONFIGURATION = "inventory.view_inventoryconfiguration"


@dataclass(frozen=True, slots=True)
class BoardProblem:
    """A problem that keeps backorders from being released, and its remedy."""

    title: str
    remedy: str
    link: str = ""


def live_context(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """Return the context of the part that is renewed."""
    pulse = read_pulse(now=now)
    scheduled = read_all(now=now)
    runs = ReleaseRun.objects.select_related("started_by")
    current = _current(runs)
    last = list(runs.exclude(state__in=ReleaseRun.UNFINISHED_STATES).order_by("-pk")[:LAST_RUNS])
    return {
        "current": [
            {
                "run": run,
                "address": _address(run),
                "since": span(now - (run.started_at or run.created_at)),
            }
            for run in current
        ],
        "last": [
            {
                "run": run,
                "address": _address(run),
                "color": COLORS[ReleaseRun.State(run.state)],
                "ago": ago(run.finished_at or run.created_at, now=now),
                "duration": duration(run),
                "remedy": what_to_do(run, user=request.user),
            }
            for run in last
        ],
        "pulse": pulse,
        "beat": "" if pulse is None else ago(pulse.beat_at, now=now),
        "problems": list(_problems(pulse, scheduled, current, last, user=request.user, now=now)),
        "may_run": request.user.has_perm("fulfillment.add_releaserun"),
        "poll_seconds": 2 if current else 10,
        "now": now,
    }


def problems_now(
    pulse: Pulse | None, *, user: User | AnonymousUser, now: datetime
) -> list[BoardProblem]:
    """Return what keeps backorders from being released now."""
    current = _current(ReleaseRun.objects.all())
    ended = ReleaseRun.objects.exclude(state__in=ReleaseRun.UNFINISHED_STATES).order_by("-pk")
    scheduled = read_all(now=now)
    last = list(ended[:LAST_RUNS])
    return list(_problems(pulse, scheduled, current, last, user=user, now=now))


def _current(runs: QuerySet[ReleaseRun]) -> list[ReleaseRun]:
    """Return the runs that are not finished, each with for how long it is ``silent_for``, by the
    clock that wrote its signs of life."""
    unfinished = runs.filter(state__in=ReleaseRun.UNFINISHED_STATES).order_by("pk")
    return list(unfinished.annotate(silent_for=Now() - F("heartbeat_at")))


def _address(run: ReleaseRun) -> str:
    return reverse("admin:fulfillment_releaserun_change", args=[run.pk])


def _problems(
    pulse: Pulse | None,
    scheduled: list[ScheduledTask],
    current: list[ReleaseRun],
    last: list[ReleaseRun],
    *,
    user: User | AnonymousUser,
    now: datetime,
) -> Iterator[BoardProblem]:
    yield from _of_processes(pulse, now=now)
    yield from _of_schedule(scheduled, user=user, now=now)
    for run in current:
        silent_for = vars(run)["silent_for"]
        if run.state == ReleaseRun.State.RUNNING and silent_for and silent_for > SILENT_RUN:
            yield BoardProblem(
                _("Run %(run)s has not reported progress for %(span)s.")
                % {"run": run, "span": span(silent_for)},
                _(
                    "Its worker has probably stopped. Its saved work stays, and another "
                    "worker continues it within minutes. If none does, check that a "
                    "worker runs."
                ),
                _address(run),
            )
    released = [run for run in last if not run.is_dry_run]
    for index, run in enumerate(released):
        if run.message_code == ReleaseRun.Message.GIVEN_UP:
            title = _("Run %(run)s was given up: %(message)s")
        elif index == 0 and run.state == ReleaseRun.State.FAILED:
            title = _("The last run failed: %(message)s")
        else:
            continue
        values = {"run": run, "message": run.sentence}
        yield BoardProblem(title % values, what_to_do(run, user=user), _address(run))


def _of_processes(pulse: Pulse | None, *, now: datetime) -> Iterator[BoardProblem]:
    if pulse is None:
        yield BoardProblem(
            _("The broker does not answer."),
            _(
                "Start it: docker compose up -d redis. New background work is kept in the "
                "database and starts when the broker is back."
            ),
        )
        return
    if pulse.is_full:
        yield BoardProblem(
            _("The broker is full: no background work starts."),
            _(
                "Give it more memory, or find out what fills it: docker compose exec redis "
                "valkey-cli info memory. New background work is kept in the database."
            ),
        )
    if not pulse.workers:
        yield BoardProblem(
            _("No worker has reported for a minute. Nothing is released."),
            _("Start one: docker compose up -d worker. If it stops again, its log says why."),
        )
    elif pulse.beat_at is None or now - pulse.beat_at > LATE_AFTER:
        yield BoardProblem(
            _("Last scheduler heartbeat: %(ago)s.") % {"ago": ago(pulse.beat_at, now=now)},
            _(
                "Check that it runs: docker compose up -d beat. If it does, all workers "
                "are busy: start more of them."
            ),
        )
    if pulse.queue_length > LONG_QUEUE:
        yield BoardProblem(
            _("%(count)s tasks wait for a worker.") % {"count": pulse.queue_length},
            _("Start more workers: docker compose up -d --scale worker=3."),
        )


def _of_schedule(
    rows: list[ScheduledTask], *, user: User | AnonymousUser, now: datetime
) -> Iterator[BoardProblem]:
    address = reverse("admin:fulfillment_scheduledwork_changelist")
    may_schedule = user.has_perm(MAY_SCHEDULE)
    for row in rows:
        state = row.state(now=now)
        if row.pk is None and row.task == RELEASE_TASK:
            title = _("There is no schedule: runs start by hand and on arrival only.")
        elif state is ScheduleState.FAULTY and row.fault is not None:
            title = _("%(name)s is not scheduled: %(fault)s") % {
                "name": label_of(row),
                "fault": fault_in_words(row.fault),
            }
        elif state is ScheduleState.ENDED and row.is_own:
            title = _("The schedule of %(name)s has ended.") % {"name": label_of(row)}
        else:
            continue
        yield BoardProblem(
            title,
            _("Choose an interval or a crontab that can run. Everything else runs as scheduled.")
            if may_schedule
            else _("Ask somebody of Operations to choose an interval or a crontab."),
            address if may_schedule else "",
        )
    if not values_in_force()["release_enabled"]:
        address = reverse("admin:inventory_inventoryconfiguration_changelist")
        yield BoardProblem(
            _("Release Backorders is set to No: no run starts by schedule or on arrival."),
            f"{switch_on(user)} {_('Runs by hand are not affected.')}",
            address if user.has_perm(MAY_SEE_CONFIGURATION) else "",
        )
