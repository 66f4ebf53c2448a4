"""Scheduled work: the list, and a page for each."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin.pages import AdminPage, page_paths
from core.admin.theme import ModelAdmin
from fulfillment.admin.scheduled import actions
from fulfillment.admin.scheduled.entries import entry_of
from fulfillment.admin.scheduled.forms import (
    OwnTaskForm,
    PreviewedForm,
    PreviewedOwnTaskForm,
    ScheduleForm,
)
from fulfillment.models import ScheduledWork
from fulfillment.operations.upkeep import schedule as changes
from fulfillment.queries.product_jobs import JOB_OF
from fulfillment.queries.schedule import read_all

NAME = "fulfillment_scheduledwork"
PAGES = (
    AdminPage("restore/", actions.restore, f"{NAME}_restore"),
    AdminPage("<int:pk>/pause/", actions.pause, f"{NAME}_pause"),
    AdminPage("<int:pk>/resume/", actions.resume, f"{NAME}_resume"),
    AdminPage("<int:pk>/run/", actions.run_now, f"{NAME}_run"),
)
WHEN = (gettext_lazy("When"), {"fields": ("kind", ("every", "period"), "line", "zone")})
LIMITS = (gettext_lazy("Limits"), {"fields": ("start", "end", "is_one_off")})
CALL = (
    gettext_lazy("Task"),
    {"fields": ("name", "task", "args", "kwargs", "description")},
)


@admin.register(ScheduledWork)
class ScheduledWorkAdmin(ModelAdmin):
    form = ScheduleForm
    change_form_outer_before_template = "fulfillment/scheduled/about.html"
    change_form_after_template = "fulfillment/scheduled/preview.html"
    actions = None

    def get_urls(self) -> list[URLPattern]:
        return [*page_paths(self, PAGES), *super().get_urls()]

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
        context = {
            **self.admin_site.each_context(request),
            "title": _("Scheduled work"),
            "opts": self.opts,
            "entries": [entry_of(row, now=now) for row in read_all(now=now)],
            "zone": settings.SITE_TIME_ZONE,
            "may_change": self.has_change_permission(request),
            "has_add_permission": self.has_add_permission(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "fulfillment/scheduled/list.html", context)

    def get_form(
        self, request: HttpRequest, obj: ScheduledWork | None = None, change: bool = False,
        **kwargs: Any,
    ) -> "type[forms.ModelForm[Any]]":  # fmt: skip
        is_preview = request.method == "POST" and "_preview" in request.POST
        form: type[forms.ModelForm[Any]] = PreviewedForm if is_preview else ScheduleForm
        if _is_call_open(request, obj):
            form = PreviewedOwnTaskForm if is_preview else OwnTaskForm
        shown: type[forms.ModelForm[Any]] = super().get_form(
            request, obj, change, **{**kwargs, "form": form}
        )
        return shown

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
            changes.change_schedule(obj.pk, plan, call=call, now=form.now)
        elif call is not None:
            obj.pk = changes.add_task(call, plan, now=form.now)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: ScheduledWork | None = None) -> bool:
        """The product's own jobs are paused, not deleted."""
        return request.user.is_superuser and (obj is None or obj.task not in JOB_OF)


def _is_call_open(request: HttpRequest, obj: ScheduledWork | None) -> bool:
    """Whether task and arguments are edited: by superusers, of what is not the product's own."""
    return request.user.is_superuser and (obj is None or obj.task not in JOB_OF)
