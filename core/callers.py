"""Who sends a request."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from core.network_addresses import ip_of


@dataclass(frozen=True, slots=True)
class Caller:
    """A person at a network address, at a time; the system where both are None."""

    at: datetime
    actor_id: int | None = None
    address: str | None = None


def caller_of(request: HttpRequest) -> Caller:
    """Return who sends a request, now."""
    user = getattr(request, "user", None)
    return Caller(timezone.now(), getattr(user, "pk", None), ip_of(request))
