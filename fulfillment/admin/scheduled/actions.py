"""What one does about scheduled work beside changing its times: pause, resume, run, restore."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core.admin.bases import AnyPage
from fulfillment.admin.scheduled.entries import label_of
from fulfillment.models import ReleaseRun, ScheduledWork
from fulfillment.operations.upkeep import schedule as changes
from fulfillment.queries.product_jobs import JOB_OF, RELEASE_TASK
from fulfillment.queries.schedule import ScheduledTask, read_rows
from fulfillment.release.runs import engine

LIST = "admin:fulfillment_scheduledwork_changelist"
PAGE = "admin:fulfillment_scheduledwork_change"
BOARD = "admin:fulfillment_release_board"
MAY_RELEASE = "fulfillment.add_releaserun"


def pause(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Start nothing by this row until it is resumed."""
    done = _("Paused: %(name)s.")
    return _switched(admin, request, pk, changes.pause, redirect(LIST), done, entry="Paused.")


def resume(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Start it again; of what has ended, ask for a new end."""
    done, page = _("Resumed: %(name)s."), redirect(PAGE, pk)
    return _switched(admin, request, pk, changes.resume, page, done, entry="Resumed.")


def run_now(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker do it now, on or off; release runs are then runs by hand."""
    row = _asked(admin, request, pk)
    if isinstance(row, HttpResponse):
        return row
    if row.task == RELEASE_TASK:
        return _release(request)
    try:
        changes.start_now(row)
    except changes.ScheduleError as error:
        messages.error(request, f"{label_of(row)}: {error}")
    except (OperationalError, RedisError, OSError):
        messages.error(request, _("The broker does not answer. Nothing was started. Try again."))
    else:
        started = _("%(name)s starts as soon as a worker is free.")
        messages.success(request, started % {"name": label_of(row)})
    return _back(request, pk)


def restore(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Schedule a job of the product that somebody deleted."""
    if not admin.has_change_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    job = JOB_OF.get(request.POST.get("task", ""))
    if job is None:
        raise Http404
    pk = changes.restore(job.task, now=timezone.now())
    messages.success(request, _("Scheduled again: %(name)s.") % {"name": job.label})
    return _back(request, pk)


def _switched(
    admin: AnyPage,
    request: HttpRequest,
    pk: int,
    change: Callable[..., object],
    refused: HttpResponse,
    done: str,
    *,
    entry: str,
) -> HttpResponse:
    """Pause or resume a row by ``change``; ``refused`` leads to where a refusal is shown.

    ``done`` is the sentence for the person, ``entry`` the one for the row's history.
    """
    row = _asked(admin, request, pk)
    if isinstance(row, HttpResponse):
        return row
    try:
        change(pk, now=timezone.now())
    except changes.ScheduleError as error:
        messages.error(request, f"{label_of(row)}: {error}")
        return refused
    admin.log_change(request, ScheduledWork(pk=pk, name=row.name), entry)
    messages.success(request, done % {"name": label_of(row)})
    return _back(request, pk)


def _release(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(MAY_RELEASE):
        raise PermissionDenied
    run = engine.request_run(
        trigger=ReleaseRun.Trigger.STAFF,
        now=timezone.now(),
        by_id=request.user.pk,
        is_dry_run=False,
    )
    messages.success(request, _("Run %(run)s starts as soon as a worker is free.") % {"run": run})
    return redirect(BOARD)


def _asked(admin: AnyPage, request: HttpRequest, pk: int) -> ScheduledTask | HttpResponse:
    """Return the row, or the answer to a request that does not post; refuse people without leave.

    :raises Http404: if there is no such row.
    """
    if not admin.has_change_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    rows = read_rows(ScheduledWork.objects.filter(pk=pk), now=timezone.now())
    if not rows:
        raise Http404
    return rows[0]


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    match request.POST.get("back"):
        case "page":
            return redirect(PAGE, pk)
        case "board":
            return redirect(BOARD)
    return redirect(LIST)
