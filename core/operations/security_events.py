"""Security events: written where they happen, deleted when they are too old."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.timezone import localtime

from core.callers import Caller
from core.models import SecurityEvent

Kind = SecurityEvent.Kind
LONGEST_NAME = 200
# As many letters of a name that nobody has are kept: it may be a password in the wrong field.
SHOWN_OF_UNKNOWN = 3
DELETE_OLD = "SELECT core_delete_old_security_events(%s)"


def record(
    caller: Caller,
    kind: SecurityEvent.Kind,
    *,
    person_id: int | None = None,
    name: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write an event that stands by itself."""
    SecurityEvent.objects.create(
        kind=kind,
        person_id=person_id,
        name=name[:LONGEST_NAME],
        detail=dict(detail or {}),
        **_columns(caller),
    )


def count(
    caller: Caller,
    kind: SecurityEvent.Kind,
    *,
    person_id: int | None = None,
    name: str = "",
    cause: str = "",
) -> None:
    """Count an event that may happen often: one row an hour for each caller, account, name, cause.

    Opens the transaction.
    """
    hour = caller.at.replace(minute=0, second=0, microsecond=0).isoformat()
    common = _digest(kind, person_id, caller.actor_id, caller.address, name, cause, hour)
    with transaction.atomic():
        seen = SecurityEvent.objects.filter(collected_as=common)
        if not seen.update(count=F("count") + 1, last_at=Greatest("last_at", caller.at)):
            # Of two that begin a row at once, one is counted.
            _write_once(caller, kind, common, person_id=person_id, name=name, cause=cause)


def record_once(
    caller: Caller, kind: SecurityEvent.Kind, *, person_id: int | None, name: str, key: object
) -> None:
    """Write an event, unless there is one of this kind, with this ``key``, from this address."""
    common = _digest_of_key(caller, kind, key)
    _write_once(caller, kind, common, person_id=person_id, name=name)


def is_recorded(caller: Caller, kind: SecurityEvent.Kind, *, key: object) -> bool:
    """Return whether :func:`record_once` has written this event."""
    return SecurityEvent.objects.filter(collected_as=_digest_of_key(caller, kind, key)).exists()


def shown_name(tried: str, *, is_known: bool) -> str:
    """Return what is kept of a name with which somebody tried to log in."""
    return tried if is_known else f"{tried[:SHOWN_OF_UNKNOWN]}…"


def delete_old(*, now: datetime, kept: timedelta) -> int:
    """Delete the events of days that are older than ``kept``, and write that; return how many.

    Those of whole days: what is written of it is deleted itself, and would be each minute. Opens
    the transaction. The database deletes none of the last 30 days.
    """
    before = localtime(now - kept).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DELETE_OLD, [before])
        (deleted,) = cursor.fetchone()
        if deleted:
            record(Caller(now), Kind.EVENTS_DELETED, detail={"count": deleted})
    return int(deleted)


def _write_once(
    caller: Caller,
    kind: SecurityEvent.Kind,
    common: str,
    *,
    person_id: int | None,
    name: str,
    cause: str = "",
) -> None:
    event = SecurityEvent(
        kind=kind,
        person_id=person_id,
        name=name[:LONGEST_NAME],
        detail={"cause": cause} if cause else {},
        collected_as=common,
        **_columns(caller),
    )
    SecurityEvent.objects.bulk_create([event], ignore_conflicts=True)


def _columns(caller: Caller) -> dict[str, Any]:
    return {
        "at": caller.at,
        "last_at": caller.at,
        "actor_id": caller.actor_id,
        "address": caller.address,
    }


def _digest_of_key(caller: Caller, kind: SecurityEvent.Kind, key: object) -> str:
    return _digest(kind, key, caller.address)


def _digest(*words: object) -> str:
    return sha256("\n".join(map(str, words)).encode("utf-8", "surrogatepass")).hexdigest()
