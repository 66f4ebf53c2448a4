from collections.abc import Mapping

from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse

def perform_password_login(
    request: HttpRequest, credentials: Mapping[str, str], login: Login
) -> HttpResponse: ...
