"""Third-party models on the admin's theme; those with a page of ours have none of their own."""

from collections.abc import Iterable
from typing import Any

from allauth.account import admin as _account_pages  # noqa: F401 - before it is unregistered
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _factor_pages  # noqa: F401 - likewise
from allauth.mfa.models import Authenticator
from allauth.socialaccount import admin as _company_pages  # noqa: F401 - likewise
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions import admin as _session_pages  # noqa: F401 - likewise
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
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

from config import key_limits as _key_limits  # noqa: F401 - is registered by it
from config import limit_fields, limit_words
from config import security_event_list as _event_list  # noqa: F401 - is registered by it
from config.log_in import log_in_events as _log_in_events  # noqa: F401 - hears of them
from config.log_in.attempts import account_limit
from config.log_in.new_password import after_new_password
from config.log_in.second_factor import factors_of, remove_factors
from config.open_id.company_link_page import CompanyLinkPage
from config.open_id.company_links import company_link
from config.people_forms import NewPersonForm, PersonForm
from config.permission_names import PermissionNames, RoleFilter
from config.rights_events import RecordedRights
from core.admin.asked_again import AskedAgain, ask_again
from core.admin.theme import (
    AdminPasswordChangeForm,
    CheckboxSelectMultiple,
    ModelAdmin,
)
from core.callers import caller_of
from core.formats import EMPTY, moment, whole
from core.name_order import name_key
from core.operations.failed_attempts import locked_until, unlock
from core.operations.web_sessions import end_and_record

# What the scheduler does is edited as scheduled work, which checks that it can run; the e-mail
# address of a user is that of the user's own page, and people end their own sessions.
for model in (
    User,
    Group,
    EmailAddress,
    Authenticator,
    SocialAccount,
    SocialApp,
    SocialToken,
    UserSession,
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
):
    admin.site.unregister(model)


# What only superusers see and change: who may do what.
GRANTS = {"is_staff", "is_superuser", "groups", "user_permissions", *limit_fields.NAMES}
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


@admin.register(User)
class UserAdmin(
    CompanyLinkPage,
    RecordedRights,
    AskedAgain,
    PermissionNames,
    BaseUserAdmin,  # type: ignore[type-arg]
    ModelAdmin,
):
    # Django's takes "change" among its keywords; its type argument is of the stubs alone.
    form = PersonForm
    add_form = NewPersonForm
    add_form_template = "admin/change_form.html"
    change_password_form = AdminPasswordChangeForm
    list_display = (
        "username",
        "full_name",
        "email",
        "roles",
        "limits",
        "is_active",
        "last_seen_at",
    )
    list_filter = ("is_active", ("groups", RoleFilter))
    readonly_fields = (
        "last_seen_at",
        "date_joined",
        "new_password",
        "has_second_factor",
        "company_log_in",
        "log_in_lock",
    )
    ordering = ("username", "pk")
    actions = ("unlock_log_in", "end_sessions", "remove_second_factors", "unlink_company_log_ins")
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
                    "company_log_in",
                    "log_in_lock",
                    "last_seen_at",
                    "date_joined",
                )
            },
        ),
        (limit_fields.TITLE, {"fields": limit_fields.NAMES}),
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
        people = super().get_queryset(request).select_related("last_visit", "access_limit")
        return limit_words.with_limit_codes(people).prefetch_related("groups")

    def get_form(
        self,
        request: HttpRequest,
        obj: User | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's own.
        **kwargs: Any,
    ) -> Any:
        words = {"labels": USER_LABELS, "help_texts": USER_HELP}
        form = super().get_form(request, obj, change=change, **words, **kwargs)
        if not request.user.is_superuser:
            # What is not shown is not taken either.
            for name in limit_fields.NAMES:
                form.base_fields.pop(name, None)
        return form

    def save_related(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().save_related(request, *args, **kwargs)
        form: Any = args[0]
        limit_fields.save_limits(form, form.instance, caller_of(request))

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
        if obj is None or company_link(obj.pk) is None:
            left_out.add("company_log_in")
        allowed = [
            (title, {**options, "fields": _without(options["fields"], left_out)})
            for title, options in super().get_fieldsets(request, obj)
        ]
        return [(title, options) for title, options in allowed if options["fields"]]

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask who it is before the form, whose password is not kept."""
        if self.has_add_permission(request):
            ask_again(request)
        return super().add_view(request, *args, **kwargs)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Set a person's password; what was opened with the former one ends."""
        if self.has_change_permission(request):
            ask_again(request)
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
        count = unlock(caller_of(request), list(queryset.values_list("pk", flat=True)))
        sentence = ngettext(
            "Unlocked the log-in of %(count)s user.",
            "Unlocked the log-in of %(count)s users.",
            count,
        )
        self.message_user(request, sentence % {"count": whole(count)}, messages.SUCCESS)

    @admin.action(description=_("End sessions"), permissions=["unlock"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Log people out everywhere, as after a theft; one's own session goes on."""
        caller, own = caller_of(request), str(request.session.session_key)
        chosen = queryset.order_by("pk").values_list("pk", flat=True)
        count = sum(end_and_record(caller, user_id, except_key=own) for user_id in chosen)
        sentence = ngettext("Ended %(count)s session.", "Ended %(count)s sessions.", count)
        self.message_user(request, sentence % {"count": whole(count)}, messages.SUCCESS)

    @admin.action(description=_("Remove second factors"), permissions=["unlock"])
    def remove_second_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let people in who have lost what they proved with that it was them."""
        chosen = list(queryset.values_list("pk", flat=True))
        own = str(request.session.session_key)
        count = remove_factors(caller_of(request), chosen, except_key=own)
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

    @admin.display(description=limit_fields.TITLE)
    def limits(self, user: User) -> str:
        return limit_words.limits_in_words(user)

    @admin.display(description=_("password"))
    def new_password(self, user: User) -> str:
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        words = (
            gettext("Change password") if user.has_usable_password() else gettext("Set a password")
        )
        return format_html('<a class="text-link" href="{}">{}</a>', address, words)


@admin.register(Group)
class GroupAdmin(RecordedRights, AskedAgain, PermissionNames, BaseGroupAdmin, ModelAdmin):
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
