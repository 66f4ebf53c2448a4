"""The visits of people: each is noted, no session lasts longer than one may."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from core.models import LastVisit
from core.network_addresses import ip_of
from core.operations.web_sessions import list_session

# Where a session keeps when its person was noted, so that few pages write.
KEY = "seen_at"
# Where it keeps when its person logged in, and the key that it was listed with.
BEGUN, LISTED = "begun_at", "listed_as"
# Where it keeps when the person showed who it is, in seconds, if another site says that.
PROVED = "proved_at"
EVERY = timedelta(minutes=1)
LONGEST_NAME = 200


class LastVisitMiddleware:
    """Notes who opens a page; ends a session that has lasted as long as one may."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and SESSION_KEY in request.session:
            if is_over(request):
                logout(request)
            elif _is_due(request) and request.user.is_authenticated:
                note_visit(request, request.user.pk)
        return self.get_response(request)


@receiver(user_logged_in)
def note_log_in(request: HttpRequest, user: User, **_values: Any) -> None:
    """Note a person who logs in."""
    if request.session.session_key is None:
        # Over the session of another person, Django begins one that has no key until it is saved.
        request.session.create()
    request.session[BEGUN] = timezone.now().isoformat()
    note_visit(request, user.pk)


def is_over(request: HttpRequest) -> bool:
    """Return whether a session has lasted as long as one may."""
    begun = request.session.get(BEGUN)
    longest = timedelta(hours=settings.SESSION_MAX_HOURS)
    return begun is None or datetime.fromisoformat(begun) <= timezone.now() - longest


def _is_due(request: HttpRequest) -> bool:
    """Whether a person, and no script of a page that is left open, asks after a while.

    A script that writes does so for a person: who scans for an hour opens no page.
    """
    is_by_script = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
    if is_by_script and request.method in ("GET", "HEAD"):
        return False
    noted = request.session.get(KEY)
    is_listed = request.session.get(LISTED) == request.session.session_key
    return not is_listed or noted is None or datetime.fromisoformat(noted) <= timezone.now() - EVERY


def note_visit(request: HttpRequest, user_id: int) -> None:
    """Note that a person is here now, in this session."""
    now = timezone.now()
    # Two requests at once note it once.
    LastVisit.objects.bulk_create(
        [LastVisit(user_id=user_id, at=now)],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["at"],
    )
    key = str(request.session.session_key)
    list_session(
        key,
        former_key=request.session.get(LISTED, ""),
        user_id=user_id,
        address=ip_of(request),
        browser=request.headers.get("User-Agent", "")[:LONGEST_NAME],
        now=now,
    )
    request.session[LISTED] = key
    request.session[KEY] = now.isoformat()
