"""Who may ask for what, how often: API keys, permissions, rates."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from core.attempt_limits import of_address
from core.callers import Caller, caller_of
from core.models import ApiKey, FailedAttempts, SecurityEvent
from core.network_addresses import address_of, ip_of, network_of
from core.operations.api_keys import recognize
from core.operations.failed_attempts import AttemptRefusal, Counter, begin, digest
from core.operations.security_events import count


class KeyAuthentication(BaseAuthentication):
    """Lets the user of an API key in."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        # The person of a session is not who sends the key.
        caller = Caller(timezone.now(), address=ip_of(request._request))
        key = recognize(secret.strip().decode("latin-1"), caller=caller)
        if key is None:
            _count_wrong_key(request._request, caller)
            raise AuthenticationFailed(_("This key is unknown, revoked or expired."))
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _count_wrong_key(request: HttpRequest, caller: Caller) -> None:
    """Count a wrong key against the address it came from.

    A right key is let in all the same: it is too long to be guessed, and other programs at the
    address would stand still.

    :raises Throttled: if too many came from there.
    """
    lock = timedelta(minutes=settings.LOG_IN_LOCK_MINUTES)
    address = digest(network_of(address_of(request)))
    limit = of_address(settings.LOG_IN_FAILURES, lock)
    attempt = begin([Counter(FailedAttempts.Scope.KEY_ADDRESS, address, limit)], now=caller.at)
    if isinstance(attempt, AttemptRefusal):
        raise Throttled(
            (attempt.until - caller.at).total_seconds(),
            gettext("Too many wrong keys came from this address."),
        )
    count(caller, SecurityEvent.Kind.KEY_REFUSED)


def count_refusal(request: HttpRequest) -> None:
    """Count that a user was refused what their permissions do not include, by page or address.

    Addresses are counted by their names: what else stands in them may be personal.
    """
    caller = caller_of(request)
    if caller.actor_id is not None:
        page = request.resolver_match
        name = page.view_name if page else ""
        count(caller, SecurityEvent.Kind.REFUSED, person_id=caller.actor_id, name=name)


class KeyScheme(OpenApiAuthenticationExtension):
    """Describes the keys in OpenAPI."""

    target_class = "core.api.access.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key."}


ACTIONS = {"GET": "view", "POST": "add", "PATCH": "change", "DELETE": "delete"}


class HasModelPermission(BasePermission):
    """Asks for the permission that the endpoint names for the method.

    Without one, for what Django's own permissions on the model of its rows say. That a method is
    not allowed at all is for the endpoint to answer.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        if request.method not in view.allowed_methods:
            return True
        method = "GET" if request.method == "HEAD" else str(request.method)
        wanted = view.required_permissions.get(method) or _permission_on_rows(view, method)
        return bool(request.user.has_perm(wanted))


def _permission_on_rows(view: Any, method: str) -> str:
    options = view.queryset.model._meta
    return f"{options.app_label}.{ACTIONS[method]}_{options.model_name}"


class UserThrottle(UserRateThrottle):
    """Counts each user's requests in the cache; the rate is a setting (``API_RATE``)."""

    scope = "user"
