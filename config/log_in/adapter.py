"""What allauth asks the project about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.last_visit import BEGUN, PROVED
from config.log_in import secret_cipher
from config.log_in.second_factor import factors_of, needs_second_factor
from config.log_in.secret_cipher import UnreadableSecretError
from core.network_addresses import ip_of

# For how long after a log-in a person may change how to log in.
FRESH = timedelta(minutes=5)


class AccountAdapter(DefaultAccountAdapter):
    """Lets in who has been given an account; nobody makes one by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return ip_of(request)

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Return whether a person proves once more who it is: not just after the log-in."""
        session = context.request.session
        begun, proved = session.get(BEGUN), session.get(PROVED)
        if proved is not None:
            last = datetime.fromtimestamp(proved, tz=UTC)
        else:
            last = (
                datetime.min.replace(tzinfo=UTC) if begun is None else datetime.fromisoformat(begun)
            )
        return timezone.now() - last >= FRESH and super().is_reauthentication_required(app=app)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, str]]:
        """Return how a person may show once more who it is: who has neither password nor second
        factor here, at the company's provider."""
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)  # type: ignore[misc]
        if not methods and settings.OIDC_ISSUER:
            url = reverse("company_log_in")
            methods = [{"id": "company", "description": settings.OIDC_NAME, "url": url}]
        return methods

    def add_message(self, *_arguments: object, **_named: object) -> None:
        """Say nothing beside the page that follows: it shows who is logged in."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted; says in plain words what was wrong."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("The code is wrong. Enter the one that is shown now."),
        "cannot_delete_authenticator": _(
            "You need a second factor. Add another one before you remove this one."
        ),
    }

    def encrypt(self, text: str) -> str:
        return secret_cipher.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return what was encrypted.

        :raises ValidationError: if the key that encrypted it is gone: no code is right then.
        """
        try:
            return secret_cipher.decrypt(encrypted_text)
        except UnreadableSecretError as error:
            raise ValidationError(self.error_messages["incorrect_code"]) from error

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        person = authenticator.user
        return not needs_second_factor(person) or factors_of(person.pk) > 1

    def generate_authenticator_name(self, user: User, _type: Any) -> str:
        number = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count()
        return gettext("Passkey %(number)s") % {"number": number + 1}
