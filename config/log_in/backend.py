"""How a session finds its person."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend as BaseBackend
from django.contrib.auth.models import User


class AuthenticationBackend(BaseBackend):  # type: ignore[misc]  # Has no types.
    """Reads a person together with what he or she is limited to: each page needs both."""

    def get_user(self, user_id: Any) -> User | None:
        found = User._default_manager.select_related("access_limit").filter(pk=user_id).first()
        return found if found is not None and self.user_can_authenticate(found) else None
