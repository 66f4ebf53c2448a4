"""API keys: made, recognized, revoked."""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.db.models import Q

from core.models import ApiKey

MARK = "bok_"
SECRET_BYTES = 32
PREFIX_LENGTH = 12
# Often enough to tell a key in use from a forgotten one, and no write for every request.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class PastEndError(Exception):
    """The end of a key is in the past."""


def issue_key(
    user_id: int, *, name: str, now: datetime, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key for a user; return it with its secret, which is kept nowhere.

    :raises PastEndError: if it would have ended before it begins.
    """
    if expires_at is not None and expires_at <= now:
        raise PastEndError
    secret = MARK + token_urlsafe(SECRET_BYTES)
    key = ApiKey.objects.create(
        user_id=user_id,
        name=name,
        prefix=secret[:PREFIX_LENGTH],
        digest=digest_of(secret),
        created_at=now,
        expires_at=expires_at,
    )
    return key, secret


def recognize(secret: str, *, now: datetime) -> ApiKey | None:
    """Return the key with this secret, its user with it, if both may come in now."""
    valid = ApiKey.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, user__is_active=True
    )
    key = valid.select_related("user").filter(digest=digest_of(secret)).order_by("pk").first()
    if key is not None:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
        if key.last_used_at is None or key.last_used_at < now - USE_IS_NOTED_EVERY:
            ApiKey.objects.filter(unnoted, pk=key.pk).update(last_used_at=now)
    return key


def revoke(key_id: int, *, now: datetime) -> bool:
    """End a key at once, and say whether it was in force; its first time of revocation stays."""
    return bool(ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=now))


def revoke_all(user_id: int, *, now: datetime) -> None:
    """End all keys of a user at once."""
    ApiKey.objects.filter(user_id=user_id, revoked_at=None).update(revoked_at=now)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret. It is long and random, so a plain digest is enough."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
