"""Third-party models on the admin's theme; those with a page of ours have none of their own."""

from collections.abc import Iterable, Iterator
from typing import Any

from allauth.account import admin as _account_pages  # noqa: F401 - before it is unregistered
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _factor_pages  # noqa: F401 - likewise
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as _session_pages  # noqa: F401 - likewise
from allauth.usersessions.models import UserSession
from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as _registered  # noqa: F401 - before it is unregistered
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from pghistory.models import Event, Events

from config.log_in.attempts import account_limit
from config.log_in.new_password import after_new_password
from config.log_in.second_factor import factors_of, remove_factors
from config.people_forms import NewPersonForm, PersonForm
from core.admin.bases import BaseModelAdmin, ModelChoiceIterator, ModelMultipleChoiceField
from core.admin.theme import (
    AdminPasswordChangeForm,
    CheckboxSelectMultiple,
    ModelAdmin,
)
from core.formats import EMPTY, labelled, moment, whole
from core.name_order import in_name_order, name_key
from core.operations.failed_attempts import locked_until, unlock

# What the scheduler does is edited as scheduled work, which checks that it can run; the e-mail
# address of a user is that of the user's own page, and people end their own sessions.
for model in (
    User,
    Group,
    EmailAddress,
    Authenticator,
    UserSession,
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
):
    admin.site.unregister(model)


# Their rows have no pages, which a permission could open.
OF_LOG_INS = ("account", "mfa", "usersessions")
# What only superusers see and change: who may do what.
GRANTS = {"is_staff", "is_superuser", "groups", "user_permissions"}
VERBS = {
    "view": _("view"),
    "add": _("add"),
    "change": _("change"),
    "delete": _("delete"),
    "cancel_order": _("cancel units"),
    "refund_order": _("refund units"),
    "receive_futuresupply": _("receive deliveries"),
    "receive_lowstockdigest": _("receive the daily e-mail"),
    "receive_demanddigest": _("receive the weekly e-mail"),
}
USER_LABELS = {
    "groups": _("Roles"),
    "is_staff": _("May open the back office"),
    "is_superuser": _("Superuser"),
    "user_permissions": _("Further permissions"),
}
USER_HELP = {
    "username": _("Letters, digits and @ . + - _"),
    "groups": _("A user may do what any of these roles may do."),
    "is_active": _("Clear this to keep a person out. What the person did stays recorded."),
    "is_staff": _("Users who only have API keys do not need this."),
    "is_superuser": _("Has every permission, with or without roles."),
    "user_permissions": _("Permissions that no role includes."),
}


class LabelsInOrder(ModelChoiceIterator):
    """Rows in the order of their labels, which may be in another language than their names."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        return iter(in_name_order(super().__iter__()))


class RoleChoice(ModelMultipleChoiceField):
    """Roles by their names."""

    iterator = LabelsInOrder


class PermissionChoice(ModelMultipleChoiceField):
    """Permissions as people call them: *Products: change*."""

    iterator = LabelsInOrder

    def label_from_instance(self, obj: Permission) -> str:
        model, verb = obj.content_type.model_class(), obj.codename.partition("_")[0]
        named = obj.content_type.model if model is None else str(model._meta.verbose_name_plural)
        words = VERBS.get(obj.codename) or VERBS.get(verb) or gettext(obj.name)
        return labelled(capfirst(gettext(named)), words)


def _histories() -> list[int]:
    """Return the types of the rows that keep history: the database alone writes them."""
    models = [model for model in apps.get_models() if issubclass(model, (Event, Events))]
    types = ContentType.objects.get_for_models(*models, for_concrete_models=False)
    return [found.pk for found in types.values()]


class RoleFilter(RelatedFieldListFilter):
    """Roles in the order of their names, which are the reader's."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        named = super().field_choices(field, request, model_admin)
        return in_name_order((key, str(name)) for key, name in named)


class PermissionNames(BaseModelAdmin):
    """Names the permissions that a page offers."""

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        if db_field.related_model is Group:
            kwargs["form_class"] = RoleChoice
        if db_field.related_model is Permission:
            kwargs["form_class"] = PermissionChoice
            kwargs["queryset"] = Permission.objects.select_related("content_type").exclude(
                Q(content_type__in=_histories()) | Q(content_type__app_label__in=OF_LOG_INS)
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(User)
class UserAdmin(PermissionNames, BaseUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    # Django's takes "change" among its keywords; its type argument is of the stubs alone.
    form = PersonForm
    add_form = NewPersonForm
    add_form_template = "admin/change_form.html"
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "roles", "is_active", "last_seen_at")
    list_filter = ("is_active", ("groups", RoleFilter))
    readonly_fields = (
        "last_seen_at",
        "date_joined",
        "new_password",
        "has_second_factor",
        "log_in_lock",
    )
    ordering = ("username", "pk")
    actions = ("unlock_log_in", "remove_second_factors")
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": ("username", ("first_name", "last_name"), "email", "groups")}),
        (
            _("Log-in"),
            {
                "fields": (
                    "is_active",
                    "new_password",
                    "has_second_factor",
                    "log_in_lock",
                    "last_seen_at",
                    "date_joined",
                )
            },
        ),
        (
            _("Further rights"),
            {"fields": ("is_staff", "is_superuser", "user_permissions"), "classes": ("collapse",)},
        ),
    )
    add_fieldsets = (
        (None, {"fields": ("username", ("first_name", "last_name"), "email", "groups")}),
        (_("Log-in"), {"fields": ("password1", "password2", "is_staff")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people = super().get_queryset(request).select_related("last_visit")
        return people.prefetch_related("groups")

    def get_form(
        self,
        request: HttpRequest,
        obj: User | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's own.
        **kwargs: Any,
    ) -> Any:
        words = {"labels": USER_LABELS, "help_texts": USER_HELP}
        return super().get_form(request, obj, change=change, **words, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_staff": True, **super().get_changeform_initial_data(request)}

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "groups":
            # Roles are few, and have pages of their own.
            field.widget = CheckboxSelectMultiple(choices=field.widget.choices)
            field.help_text = USER_HELP["groups"]
        return field

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Return the fields that the person may see: superusers alone say who may do what."""
        left_out = set() if request.user.is_superuser else set(GRANTS)
        if not self.has_change_permission(request, obj):
            left_out.add("new_password")
        allowed = [
            (title, {**options, "fields": _without(options["fields"], left_out)})
            for title, options in super().get_fieldsets(request, obj)
        ]
        return [(title, options) for title, options in allowed if options["fields"]]

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Set a person's password; what was opened with the former one ends."""
        user = self.get_object(request, unquote(id)) if request.method == "POST" else None
        answer = super().user_change_password(request, id, form_url)
        # Django's answer is the same where it refuses.
        if user and User.objects.filter(pk=user.pk).exclude(password=user.password).exists():
            after_new_password(request, user.pk)
        return answer

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Superusers are changed by superusers, whose password would be theirs else."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    @admin.display(description=_("name"), ordering="first_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or EMPTY

    @admin.display(description=_("last seen"), ordering="last_visit__at")
    def last_seen_at(self, user: User) -> str:
        return moment(user.last_visit.at if hasattr(user, "last_visit") else None)

    @admin.display(description=_("lock"))
    def log_in_lock(self, user: User) -> str:
        until = locked_until(user.pk, limit=account_limit(), now=timezone.now())
        if until is None:
            return gettext("Not locked")
        words = gettext("Locked until %(time)s. Unlock it in the list of users.")
        return words % {"time": moment(until)}

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    @admin.action(description=_("Unlock log-in"), permissions=["unlock"])
    def unlock_log_in(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        count = unlock(list(queryset.values_list("pk", flat=True)))
        sentence = ngettext(
            "Unlocked the log-in of %(count)s user.",
            "Unlocked the log-in of %(count)s users.",
            count,
        )
        self.message_user(request, sentence % {"count": whole(count)}, messages.SUCCESS)

    @admin.action(description=_("Remove second factors"), permissions=["unlock"])
    def remove_second_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let people in who have lost what they proved with that it was them."""
        chosen = list(queryset.values_list("pk", flat=True))
        count = remove_factors(chosen, except_key=str(request.session.session_key))
        if not count:
            words = gettext("None of these users has a second factor.")
            self.message_user(request, words, messages.WARNING)
            return
        sentence = ngettext(
            "Removed the second factors of %(count)s user, whose other sessions ended.",
            "Removed the second factors of %(count)s users, whose other sessions ended.",
            count,
        )
        self.message_user(request, sentence % {"count": whole(count)}, messages.SUCCESS)

    @admin.display(description=_("second factor"), boolean=True)
    def has_second_factor(self, user: User) -> bool:
        return factors_of(user.pk) > 0

    @admin.display(description=_("role"))
    def roles(self, user: User) -> str:
        if user.is_superuser:
            return gettext("Superuser")
        return ", ".join(sorted(map(str, user.groups.all()), key=name_key)) or EMPTY

    @admin.display(description=_("password"))
    def new_password(self, user: User) -> str:
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        words = (
            gettext("Change password") if user.has_usable_password() else gettext("Set a password")
        )
        return format_html('<a class="text-link" href="{}">{}</a>', address, words)


@admin.register(Group)
class GroupAdmin(PermissionNames, BaseGroupAdmin, ModelAdmin):
    """What each role may do; superusers alone say it."""

    ordering = ("name", "pk")

    def get_form(
        self,
        request: HttpRequest,
        obj: Group | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's own.
        **kwargs: Any,
    ) -> Any:
        if obj is not None and str(obj) != obj.name:
            shown = gettext("Pages show this role as “%(role)s”.") % {"role": obj}
            kwargs["help_texts"] = {"name": shown}
        return super().get_form(request, obj, change=change, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser


def _without(fields: Iterable[Any], left_out: set[str]) -> tuple[Any, ...]:
    return tuple(field for field in fields if field not in left_out)
