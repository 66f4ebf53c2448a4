"""Limits of access: set for a user or an API key, each change a security event."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from core.callers import Caller
from core.models import AccessLimit, ApiKey, SecurityEvent
from core.operations.security_events import record


@dataclass(frozen=True, slots=True)
class Limits:
    """Sources and stocks by key; none of either is no limit."""

    sources: frozenset[int] = frozenset()
    stocks: frozenset[int] = frozenset()

    @classmethod
    def of(cls, limit: AccessLimit | None) -> "Limits":
        """Return what a row says."""
        if limit is None:
            return cls()
        return cls(frozenset(limit.sources), frozenset(limit.stocks))


def limit_access(
    owner: User | ApiKey, limits: Limits, *, codes: Sequence[str], caller: Caller
) -> bool:
    """Limit a user or a key to sources and stocks; return whether that was a change.

    ``codes`` are what the security event calls them. Opens the transaction.
    """
    is_key = isinstance(owner, ApiKey)
    column = "api_key" if is_key else "user"
    with transaction.atomic():
        # Two that change it at once change it one after the other.
        type(owner)._default_manager.select_for_update(no_key=True).get(pk=owner.pk)
        owned: dict[str, Any] = {f"{column}_id": owner.pk}
        rows = AccessLimit.objects.filter(**owned)
        row = rows.first()
        if Limits.of(row) == limits and (row is None) == (limits == Limits()):
            return False
        if limits == Limits():
            rows.delete()
        else:
            values: dict[str, Any] = {
                "sources": sorted(limits.sources),
                "stocks": sorted(limits.stocks),
            }
            AccessLimit.objects.update_or_create(defaults=values, **owned)
        person_id = owner.user_id if isinstance(owner, ApiKey) else owner.pk
        name = str(owner) if is_key else ""
        kind = SecurityEvent.Kind.LIMITS_CHANGED
        detail = {"limits": list(codes) or "all"}
        record(caller, kind, person_id=person_id, name=name, detail=detail)
    return True
