"""Third-party models on the admin's theme: people, groups, and the schedules of the scheduler."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _
from django_celery_beat.admin import ClockedScheduleAdmin as BaseClockedScheduleAdmin
from django_celery_beat.admin import CrontabScheduleAdmin as BaseCrontabScheduleAdmin
from django_celery_beat.admin import (
    PeriodicTaskAdmin as BasePeriodicTaskAdmin,
)
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from inventory.admin.theme import (
    AdminPasswordChangeForm,
    ModelAdmin,
    Select,
    TextInput,
    UserChangeForm,
    UserCreationForm,
)

admin.site.index_title = _("Dashboard")

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
class UserAdmin(BaseUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("username", "pk")


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):
    ordering = ("name", "pk")


class TaskSelect(TaskSelectWidget, Select):
    """The registered tasks, drawn as the theme draws a choice."""


class ThemedPeriodicTaskForm(PeriodicTaskForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = TextInput()
        self.fields["regtask"].widget = TaskSelect()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(BasePeriodicTaskAdmin, ModelAdmin):
    form = ThemedPeriodicTaskForm
    list_select_related = ("interval", "crontab", "solar", "clocked")
    ordering = ("name", "pk")


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(ModelAdmin):
    ordering = ("pk",)


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(BaseCrontabScheduleAdmin, ModelAdmin):
    ordering = ("pk",)


@admin.register(SolarSchedule)
class SolarScheduleAdmin(ModelAdmin):
    ordering = ("pk",)


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(BaseClockedScheduleAdmin, ModelAdmin):
    ordering = ("-clocked_time", "pk")
