"""API keys: made here, shown once, revoked."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin.asked_again import AskedAgain
from core.admin.bases import ModelForm
from core.admin.theme import ModelAdmin, ago_column
from core.callers import caller_of
from core.formats import whole
from core.models import ApiKey, SecurityEvent
from core.operations import api_keys
from core.operations.security_events import record

FIXED = ("begins_with", "created_at", "last_used_at", "last_address", "revoked_at")


class ApiKeyForm(ModelForm):
    """A key whose end is ahead; what has ended may be saved as it is."""

    def clean_expires_at(self) -> datetime | None:
        ends: datetime | None = self.cleaned_data["expires_at"]
        if "expires_at" in self.changed_data and ends is not None and ends <= timezone.now():
            raise forms.ValidationError(
                gettext("This time is in the past. Enter a later one, or leave it empty.")
            )
        return ends


@admin.register(ApiKey)
class ApiKeyAdmin(AskedAgain, ModelAdmin):
    form = ApiKeyForm
    list_display = (
        "name",
        "begins_with",
        "user",
        "created_at",
        "last_used",
        "expires_at",
        "revoked_at",
    )
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__username")
    autocomplete_fields = ("user",)
    readonly_fields = FIXED
    ordering = ("-pk",)
    actions = ["revoke"]

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        asked = ("user", "name", "expires_at")
        return asked if obj is None else (*asked, *FIXED)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        """A key stays with its user: another one needs a key of their own."""
        return FIXED if obj is None else (*FIXED, "user")

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Keys are revoked, so that it stays known who had one."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            if form.changed_data:
                _record_change(request, obj, form.changed_data)
            return
        caller = caller_of(request)
        made, secret = api_keys.issue_key(
            obj.user_id,
            name=obj.name,
            now=caller.at,
            expires_at=obj.expires_at,
            caller=caller,
        )
        obj.pk = made.pk
        obj.prefix, obj.created_at = made.prefix, made.created_at
        vars(obj)["secret"] = secret

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the new key, on this page alone: a message would travel in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("New API key"),
            "opts": self.opts,
            "secret": vars(obj).pop("secret"),
        }
        return TemplateResponse(request, "core/new_api_key.html", context)

    last_used = ago_column("last_used_at", _("last used"))

    @admin.display(description=_("begins with"), ordering="prefix")
    def begins_with(self, key: ApiKey) -> str:
        return f"{key.prefix}…"

    @admin.action(description=_("Revoke the chosen keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        caller = caller_of(request)
        count = sum(api_keys.revoke(key.pk, now=caller.at, caller=caller) for key in queryset)
        sentence = ngettext("Revoked %(count)s API key.", "Revoked %(count)s API keys.", count)
        self.message_user(request, sentence % {"count": whole(count)}, messages.SUCCESS)


def _record_change(request: HttpRequest, key: ApiKey, fields: list[str]) -> None:
    kind, detail = SecurityEvent.Kind.KEY_CHANGED, {"fields": fields}
    record(caller_of(request), kind, person_id=key.user_id, name=str(key), detail=detail)
