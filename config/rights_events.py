"""The security events of users, roles, what they may do."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from config import limit_fields
from core.admin.bases import AnyPage
from core.callers import caller_of
from core.models import SecurityEvent
from core.operations.security_events import record

Kind = SecurityEvent.Kind
# What comes of each page: added, changed, deleted.
KINDS: dict[type[Model], tuple[SecurityEvent.Kind, ...]] = {
    User: (Kind.USER_ADDED, Kind.USER_CHANGED, Kind.USER_DELETED),
    Group: (Kind.ROLE_ADDED, Kind.ROLE_CHANGED, Kind.ROLE_DELETED),
}
MANY = ("groups", "user_permissions", "permissions")
# What a user may do by these alone; one that is taken is as much as a role.
FLAGS = ("is_active", "is_staff", "is_superuser")
# A new password has an event of its own, and so have limits.
PASSWORDS = {"password", "password1", "password2"}
OWN_EVENTS = PASSWORDS | set(limit_fields.NAMES)


class RecordedRights(AnyPage):
    """Writes each saved change of a user or a role, and what it gave or took."""

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 - Django's own.
    ) -> Any:
        """Record what a form changed: it is called once, when all is saved."""
        changed = [name for name in form.changed_data if name not in OWN_EVENTS]
        if add or changed:
            kind = KINDS[self.model][0 if add else 1]
            self._record(request, kind, form.instance, _gained_and_lost(form, changed, is_new=add))
        return super().construct_change_message(request, form, formsets, add)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Record what is about to be deleted."""
        for row in queryset:
            self._record(request, KINDS[self.model][2], row, {})
        return super().log_deletions(request, queryset)

    def _record(
        self, request: HttpRequest, kind: SecurityEvent.Kind, row: Any, detail: dict[str, Any]
    ) -> None:
        person_id = row.pk if isinstance(row, User) else None
        name = "" if isinstance(row, User) else str(row)
        record(caller_of(request), kind, person_id=person_id, name=name, detail=detail)


def _gained_and_lost(form: Any, changed: Iterable[str], *, is_new: bool) -> dict[str, Any]:
    """Return the names of changed fields, and of the roles, permissions and flags given and taken.

    Other values are none of a security event: they may be personal.
    """
    given: list[str] = []
    taken: list[str] = []
    for name in set(changed) & set(MANY):
        before = set() if is_new else set(form.initial.get(name) or [])
        after = set(form.cleaned_data[name])
        given += [_code(row) for row in after - before]
        taken += [_code(row) for row in before - after]
    for name in set(changed) & set(FLAGS):
        (given if form.cleaned_data[name] else taken).append(name)
    fields = set(changed) - {*MANY, *FLAGS}
    found = {"fields": sorted(fields), "given": given, "taken": taken}
    return {key: sorted(names) for key, names in found.items() if names}


def _code(row: Any) -> str:
    """Return a role's name, or a permission as ``has_perm`` takes it."""
    if isinstance(row, Group):
        return row.name
    return f"{row.content_type.app_label}.{row.codename}"
