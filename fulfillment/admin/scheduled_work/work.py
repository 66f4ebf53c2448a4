"""Scheduled work: the list, a page for each, its buttons: pause, resume, run now, restore."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core.admin.bases import AnyPage
from core.admin.pages import AdminPage, answer
from core.admin.theme import ModelAdmin
from core.callers import caller_of
from core.formats import labelled
from core.models import SecurityEvent
from core.name_order import name_key
from core.operations.security_events import record
from core.text import gettext_noop
from fulfillment.admin.board.page import BOARD, start_run
from fulfillment.admin.scheduled_work.entries import entry_of, label_of
from fulfillment.admin.scheduled_work.forms import OwnTaskForm, ScheduleForm
from fulfillment.models import ScheduledWork
from fulfillment.operations.upkeep import schedule as changes
from fulfillment.queries.product_jobs import JOB_OF, RELEASE_TASK
from fulfillment.queries.schedule import ScheduledTask, read_all, read_rows

NAME = "fulfillment_scheduledwork"
LIST = f"admin:{NAME}_changelist"
PAGE = f"admin:{NAME}_change"
WHEN = (gettext_lazy("When"), {"fields": ("kind", ("every", "period"), "line", "zone")})
LIMITS = (gettext_lazy("Limits"), {"fields": ("start", "end", "is_one_off")})
CALL = (
    gettext_lazy("Task"),
    {"fields": ("name", "task", "args", "kwargs", "description")},
)


def pause(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Start nothing by this row until it is resumed."""
    done = _("Paused: %(name)s.")
    entry = gettext_noop("Paused.")
    return _switched(admin, request, pk, changes.pause, redirect(LIST), done, entry=entry)


def resume(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Start it again; of what has ended, ask for a new end."""
    done, page = _("Resumed: %(name)s."), redirect(PAGE, pk)
    entry = gettext_noop("Resumed.")
    return _switched(admin, request, pk, changes.resume, page, done, entry=entry)


def run_now(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker do it now, on or off; release runs are then runs by hand."""
    row = _row(pk)
    if row.task == RELEASE_TASK:
        if not request.user.has_perm("fulfillment.add_releaserun"):
            raise PermissionDenied
        return start_run(admin, request)
    try:
        changes.start_now(row)
    except changes.ScheduleError as error:
        messages.error(request, labelled(label_of(row), error))
    except (OperationalError, RedisError, OSError):
        messages.error(request, _("The broker does not answer. Nothing was started. Try again."))
    else:
        started = _("%(name)s starts as soon as a worker is free.")
        messages.success(request, started % {"name": label_of(row)})
    return _back(request, pk)


def restore(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Schedule a job of the product that somebody deleted."""
    job = JOB_OF.get(request.POST.get("task", ""))
    if job is None:
        raise Http404
    pk, is_new = changes.restore(job.task, now=timezone.now())
    if is_new:
        record_schedule(request, job.name, gettext_noop("Restored."))
    messages.success(request, _("Scheduled again: %(name)s.") % {"name": job.label})
    return _back(request, pk)


def record_schedule(request: HttpRequest, name: str, done: str) -> None:
    """Write a security event: what was ``done`` to the schedule of ``name``."""
    kind = SecurityEvent.Kind.SCHEDULE_CHANGED
    record(caller_of(request), kind, name=name, detail={"done": done})


def _switched(
    admin: AnyPage,
    request: HttpRequest,
    pk: int,
    change: Callable[..., bool],
    refused: HttpResponse,
    done: str,
    *,
    entry: str,
) -> HttpResponse:
    """Pause or resume a row by ``change``; ``refused`` leads to where a refusal is shown.

    ``done`` is the sentence for the person, ``entry`` the one for the row's history.
    """
    row = _row(pk)
    try:
        is_changed = change(pk, now=timezone.now())
    except changes.ScheduleError as error:
        messages.error(request, labelled(label_of(row), error))
        return refused
    if is_changed:
        admin.log_change(request, ScheduledWork(pk=pk, name=row.name), entry)
    messages.success(request, done % {"name": label_of(row)})
    return _back(request, pk)


def _row(pk: int) -> ScheduledTask:
    """Return the row; no page where there is none."""
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


PAGES = (
    AdminPage("restore/", restore, f"{NAME}_restore", "POST", "change"),
    AdminPage("<int:pk>/pause/", pause, f"{NAME}_pause", "POST", "change"),
    AdminPage("<int:pk>/resume/", resume, f"{NAME}_resume", "POST", "change"),
    AdminPage("<int:pk>/run/", run_now, f"{NAME}_run", "POST", "change"),
)


@admin.register(ScheduledWork)
class ScheduledWorkAdmin(ModelAdmin):
    pages = PAGES
    form = ScheduleForm
    change_form_outer_before_template = "fulfillment/scheduled_work/about.html"
    change_form_after_template = "fulfillment/scheduled_work/preview.html"
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduledWork]:
        """Leave the dates out: of a row that holds one that no program can, none could be read."""
        rows = super().get_queryset(request)
        return rows.defer("start_time", "expires", "last_run_at", "date_changed")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List everything, the product's own jobs first."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        now = timezone.now()
        rows = sorted(read_all(now=now), key=lambda row: (not row.is_own, name_key(label_of(row))))
        context = {
            "entries": [entry_of(row, now=now) for row in rows],
            "zone": settings.SITE_TIME_ZONE,
            "may_change": self.has_change_permission(request),
            "has_add_permission": self.has_add_permission(request),
            **(extra_context or {}),
        }
        title = _("Scheduled work")
        return answer(self, request, "fulfillment/scheduled_work/list.html", title, context)

    def get_form(
        self, request: HttpRequest, obj: ScheduledWork | None = None, change: bool = False,
        **kwargs: Any,
    ) -> "type[forms.ModelForm[Any]]":  # fmt: skip
        kwargs["form"] = OwnTaskForm if _is_call_open(request, obj) else ScheduleForm
        form: type[forms.ModelForm[Any]] = super().get_form(request, obj, change, **kwargs)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: ScheduledWork | None = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ()})]
        return [CALL, WHEN, LIMITS] if _is_call_open(request, obj) else [WHEN, LIMITS]

    def save_model(
        self, request: HttpRequest, obj: ScheduledWork, form: ScheduleForm, change: bool
    ) -> None:
        """Write the times, and a superuser's call; nothing else of the row."""
        call = None
        if isinstance(form, OwnTaskForm):
            given = form.cleaned_data
            call = changes.Call(**{name: given[name] for name in OwnTaskForm.Meta.fields})
        plan = form.valid_plan()
        if change:
            is_mended = changes.change_schedule(obj.pk, plan, call=call, now=form.now)
            vars(obj)["is_mended"] = is_mended
        elif call is not None:
            obj.pk = changes.add_task(call, plan, now=form.now)

    def log_addition(self, request: HttpRequest, obj: ScheduledWork, message: Any) -> Any:
        record_schedule(request, obj.name, gettext_noop("Added."))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: ScheduledWork, message: Any) -> Any:
        """Record a changed schedule; ``message`` says what a button did, or a form changed."""
        if message or vars(obj).get("is_mended"):
            done = message if isinstance(message, str) else gettext_noop("Changed.")
            record_schedule(request, obj.name, done)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[ScheduledWork]) -> Any:
        for row in queryset:
            record_schedule(request, row.name, gettext_noop("Deleted."))
        return super().log_deletions(request, queryset)

    def row_context(self, request: HttpRequest, row: ScheduledWork) -> dict[str, Any]:
        name = label_of(row)
        return {"row_name": name, "subtitle": name}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: ScheduledWork | None = None) -> bool:
        """The product's own jobs are paused, not deleted."""
        return request.user.is_superuser and (obj is None or obj.task not in JOB_OF)


def _is_call_open(request: HttpRequest, obj: ScheduledWork | None) -> bool:
    """Whether task and arguments are edited: by superusers, of what is not the product's own."""
    return request.user.is_superuser and (obj is None or obj.task not in JOB_OF)
