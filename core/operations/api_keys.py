"""API keys: made, recognized, revoked."""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.db import transaction
from django.db.models import Q, QuerySet

from core.callers import Caller
from core.models import ApiKey, SecurityEvent
from core.network_addresses import UNKNOWN_ADDRESS
from core.operations.security_events import is_recorded, record, record_once

Kind = SecurityEvent.Kind
MARK = "bok_"
SECRET_BYTES = 32
PREFIX_LENGTH = 12
# Often enough to tell a key in use from a forgotten one, and no write for every request.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class PastEndError(Exception):
    """The end of a key is in the past."""


def issue_key(
    user_id: int,
    *,
    name: str,
    now: datetime,
    expires_at: datetime | None = None,
    caller: Caller | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for a user; return it with its secret, which is kept nowhere.

    ``caller`` is who makes it: without one, a command. Opens the transaction.

    :raises PastEndError: if it would have ended before it begins.
    """
    if expires_at is not None and expires_at <= now:
        raise PastEndError
    secret = MARK + token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        key = ApiKey.objects.create(
            user_id=user_id,
            name=name,
            prefix=secret[:PREFIX_LENGTH],
            digest=digest_of(secret),
            created_at=now,
            expires_at=expires_at,
        )
        record(caller or Caller(now), Kind.KEY_MADE, person_id=user_id, name=str(key))
    return key, secret


def recognize(secret: str, *, caller: Caller) -> ApiKey | None:
    """Return the key with this secret, its user with it, if both may come in now.

    The first use from an address is a security event.
    """
    now = caller.at
    valid = ApiKey.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, user__is_active=True
    )
    named = valid.filter(digest=digest_of(secret)).order_by("pk")
    key = named.select_related("user__access_limit", "access_limit").first()
    if key is not None:
        _note_use(key, caller)
    return key


def _note_use(key: ApiKey, caller: Caller) -> None:
    now, address = caller.at, caller.address or UNKNOWN_ADDRESS
    seen, kind = Caller(now, key.user_id, address), Kind.KEY_MOVED
    is_noted = key.last_used_at is not None and key.last_used_at >= now - USE_IS_NOTED_EVERY
    is_known = key.last_address == address
    if is_noted and not is_known:
        # Two that share a key take turns: they write nothing each time.
        is_known = is_recorded(seen, kind, key=key.pk)
    if is_noted and is_known:
        return
    unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
    noted = ApiKey.objects.filter(pk=key.pk).filter(unnoted if is_known else Q())
    noted.update(last_used_at=now, last_address=address)
    if not is_known:
        record_once(seen, kind, person_id=key.user_id, name=str(key), key=key.pk)


def revoke(key_id: int, *, now: datetime, caller: Caller | None = None) -> bool:
    """End a key at once, and say whether it was in force; its first time of revocation stays.

    Opens the transaction.
    """
    return bool(_revoke(ApiKey.objects.filter(pk=key_id), caller or Caller(now)))


def revoke_all(user_id: int, *, now: datetime, caller: Caller | None = None) -> None:
    """End all keys of a user at once. Opens the transaction."""
    _revoke(ApiKey.objects.filter(user_id=user_id), caller or Caller(now))


def _revoke(keys: QuerySet[ApiKey], caller: Caller) -> int:
    with transaction.atomic():
        ended = list(keys.filter(revoked_at=None).order_by("pk").select_for_update())
        keys.filter(pk__in=[key.pk for key in ended]).update(revoked_at=caller.at)
        for key in ended:
            record(caller, Kind.KEY_REVOKED, person_id=key.user_id, name=str(key))
    return len(ended)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret. It is long and random, so a plain digest is enough."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
