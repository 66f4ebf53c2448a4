"""Notes when people were last seen, every ten minutes at most."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from core.models import LastVisit

# Where a session keeps when its person was noted, so that few pages write.
KEY = "seen_at"
EVERY = timedelta(minutes=10)


class LastVisitMiddleware:
    """Notes who opens a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and _is_due(request) and request.user.is_authenticated:
            _note(request, request.user.pk)
        return self.get_response(request)


@receiver(user_logged_in)
def note_log_in(request: HttpRequest, user: User, **_values: Any) -> None:
    """Note a person who logs in."""
    _note(request, user.pk)


def _is_due(request: HttpRequest) -> bool:
    noted = request.session.get(KEY)
    return noted is None or datetime.fromisoformat(noted) <= timezone.now() - EVERY


def _note(request: HttpRequest, user_id: int) -> None:
    now = timezone.now()
    # Two requests at once note it once.
    LastVisit.objects.bulk_create(
        [LastVisit(user_id=user_id, at=now)],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["at"],
    )
    request.session[KEY] = now.isoformat()
