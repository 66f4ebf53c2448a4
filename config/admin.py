"""Third-party models on the admin's theme: people and groups; the scheduler's have none."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as _registered  # noqa: F401 - before it is unregistered
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from core.admin.theme import AdminPasswordChangeForm, ModelAdmin, UserChangeForm, UserCreationForm
from core.formats import EMPTY

# What the scheduler does is edited as scheduled work, which checks that it can run.
for model in (
    User,
    Group,
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
):
    admin.site.unregister(model)


GRANTS = {"is_staff", "is_superuser", "groups", "user_permissions"}


def _without(fields: Iterable[Any], left_out: set[str]) -> tuple[Any, ...]:
    return tuple(field for field in fields if field not in left_out)


@admin.register(User)
class UserAdmin(BaseUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    # Django's takes "change" among its keywords; its type argument is of the stubs alone.
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    ordering = ("username", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Return the fields: what a user may do is a superuser's to say."""
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        return [
            (title, {**options, "fields": _without(options["fields"], GRANTS)})
            for title, options in fieldsets
        ]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Superusers are changed by superusers, whose password would be theirs else."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    @admin.display(description=_("name"), ordering="first_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or EMPTY

    @admin.display(description=_("role"))
    def roles(self, user: User) -> str:
        if user.is_superuser:
            return gettext("Superuser")
        return ", ".join(sorted(group.name for group in user.groups.all())) or EMPTY


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):
    ordering = ("name", "pk")
