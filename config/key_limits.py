"""API keys that see less than their user."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from config import limit_fields, limit_words
from core.admin.api_keys import ApiKeyAdmin, ApiKeyForm
from core.callers import caller_of
from core.models import ApiKey

admin.site.unregister(ApiKey)


class LimitedKeyForm(limit_fields.LimitFields, ApiKeyForm):
    """A key with its limits."""


@admin.register(ApiKey)
class LimitedKeyAdmin(ApiKeyAdmin):
    """API keys, each with what it is limited to beside the limits of its user."""

    form = LimitedKeyForm

    def get_list_display(self, request: HttpRequest) -> Any:
        name, beginning, user, *others = super().get_list_display(request)
        return (name, beginning, user, "limits", *others)

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        asked = tuple(super().get_fields(request, obj))
        return (*asked[:3], *limit_fields.NAMES, *asked[3:])

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        keys = super().get_queryset(request).select_related("user", "access_limit")
        return limit_words.with_limit_codes(keys)

    def save_related(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().save_related(request, *args, **kwargs)
        form: Any = args[0]
        limit_fields.save_limits(form, form.instance, caller_of(request))

    @admin.display(description=limit_fields.TITLE)
    def limits(self, key: ApiKey) -> str:
        return limit_words.limits_in_words(key)
