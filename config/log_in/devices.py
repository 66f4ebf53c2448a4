"""The devices from which people have logged in: each has a cookie that names them.

Wrong passwords from other devices lock an account for other devices alone, so that a stranger who
knows a name keeps nobody out who has logged in before.
"""

from secrets import token_urlsafe

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = f"{settings.COOKIE_PREFIX}known_device"
# Its name is not with the keys that sign it: those hold on every site.
SALT = "known_device"
KEPT_SECONDS = 180 * 24 * 3600
# Several people may share a device; who has not logged in for longest is forgotten first.
MOST_PEOPLE = 20


def mark_of(request: HttpRequest, user_id: int) -> str:
    """Return the mark of the device on which this person has logged in before; "" on any other."""
    return _marks(request).get(str(user_id), "")


def remember(request: HttpRequest, response: HttpResponse, user_id: int) -> None:
    """Mark the device as one on which this person has logged in."""
    marks = _marks(request)
    mark = marks.pop(str(user_id), "") or token_urlsafe(16)
    latest = dict([*marks.items(), (str(user_id), mark)][-MOST_PEOPLE:])
    response.set_cookie(
        COOKIE,
        signing.dumps(latest, salt=SALT, compress=True),
        max_age=KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _marks(request: HttpRequest) -> dict[str, str]:
    try:
        marks: dict[str, str] = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT_SECONDS
        )
    except signing.BadSignature:
        return {}
    return marks
