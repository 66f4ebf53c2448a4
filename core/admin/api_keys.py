"""API keys: made here, shown once, revoked."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin.theme import ModelAdmin, ago_column
from core.formats import whole
from core.models import ApiKey
from core.operations import api_keys

FIXED = ("begins_with", "created_at", "last_used_at", "revoked_at")


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
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
            return
        made, secret = api_keys.issue_key(
            obj.user_id, name=obj.name, now=timezone.now(), expires_at=obj.expires_at
        )
        obj.pk = made.pk
        obj.prefix, obj.created_at = made.prefix, made.created_at
        self.message_user(
            request,
            gettext("Copy the key now, it is not shown again: %(key)s") % {"key": secret},
            messages.WARNING,
        )

    last_used = ago_column("last_used_at", _("last used"))

    @admin.display(description=_("begins with"), ordering="prefix")
    def begins_with(self, key: ApiKey) -> str:
        return f"{key.prefix}…"

    @admin.action(description=_("Revoke the chosen keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        now = timezone.now()
        count = sum(api_keys.revoke(key.pk, now=now) for key in queryset)
        sentence = ngettext("Revoked %(count)s API key.", "Revoked %(count)s API keys.", count)
        self.message_user(request, sentence % {"count": whole(count)}, messages.SUCCESS)
