"""Lists the sessions of people's browsers until they end."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef

from core.callers import Caller
from core.models import SecurityEvent
from core.operations.security_events import record


def list_session(
    key: str, *, former_key: str, user_id: int, address: str, browser: str, now: datetime
) -> None:
    """List a session, or note where it was used last.

    The key of a session changes at the log-in and with a password: its entry, found by
    ``former_key``, goes with it and keeps the time of the log-in.
    """
    last = {"session_key": key, "ip": address, "user_agent": browser, "last_seen_at": now}
    mine = UserSession.objects.filter(user_id=user_id)
    if mine.filter(session_key=former_key or key).update(**last):
        return
    # Two requests at once list it once.
    UserSession.objects.bulk_create(
        [UserSession(user_id=user_id, created_at=now, **last)], ignore_conflicts=True
    )


def end_sessions(user_id: int, *, chosen: int | None = None, except_key: str = "") -> int:
    """End the sessions of a person, or the ``chosen`` one of them; return how many ended.

    The one with ``except_key`` goes on.
    """
    ended = UserSession.objects.filter(user_id=user_id).exclude(session_key=except_key)
    if chosen is not None:
        ended = ended.filter(pk=chosen)
    keys = list(ended.order_by("pk").values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)


def end_and_record(
    caller: Caller, user_id: int, *, chosen: int | None = None, except_key: str = ""
) -> int:
    """End sessions as :func:`end_sessions` does because somebody asks for it, which is a security
    event; return how many ended. Opens the transaction."""
    with transaction.atomic():
        count = end_sessions(user_id, chosen=chosen, except_key=except_key)
        if count:
            kind, ended = SecurityEvent.Kind.SESSION_ENDED, {"count": count}
            record(caller, kind, person_id=user_id, detail=ended)
    return count


def delete_ended(*, now: datetime) -> int:
    """Delete the sessions that have ended, and the entries of those that are gone; return how
    many sessions were deleted."""
    deleted = Session.objects.filter(expire_date__lt=now).delete()[0]
    there = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(there)).delete()
    return deleted
