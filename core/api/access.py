"""Who may ask for what, how often: API keys, permissions, rates."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from core.models import ApiKey
from core.operations.api_keys import recognize


class KeyAuthentication(BaseAuthentication):
    """Lets the user of an API key in."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        key = recognize(secret.strip().decode("latin-1"), now=timezone.now())
        if key is None:
            raise AuthenticationFailed(_("This key is unknown, revoked or expired."))
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class KeyScheme(OpenApiAuthenticationExtension):
    """Describes the keys in OpenAPI."""

    target_class = "core.api.access.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key."}


class HasModelPermission(BasePermission):
    """Asks for the permission that the endpoint names for the method.

    A method without one is not allowed at all, which its endpoint answers.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        wanted = view.required_permissions.get(request.method)
        return wanted is None or request.user.has_perm(wanted)


class UserThrottle(UserRateThrottle):
    """Counts each user's requests in the cache; the rate is a setting (``API_RATE``)."""

    scope = "user"
