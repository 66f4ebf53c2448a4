"""Third-party models on the admin's theme: people and groups; the scheduler's have none."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from django_celery_beat import admin as _registered  # noqa: F401 - before it is unregistered
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from core.admin.theme import AdminPasswordChangeForm, ModelAdmin, UserChangeForm, UserCreationForm

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


@admin.register(User)
class UserAdmin(BaseUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    # Django's takes "change" among its keywords; its type argument is of the stubs alone.
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("username", "pk")


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):
    ordering = ("name", "pk")
