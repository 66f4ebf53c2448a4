"""What allauth asks the project about."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from core.network_addresses import ip_of


class AccountAdapter(DefaultAccountAdapter):
    """Lets in who has been given an account; nobody makes one by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return ip_of(request)

    def add_message(self, *_arguments: object, **_named: object) -> None:
        """Say nothing beside the page that follows: it shows who is logged in."""
