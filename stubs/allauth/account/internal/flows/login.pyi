from collections.abc import Mapping

from allauth.account.models import Login
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse

def perform_password_login(
    request: HttpRequest, credentials: Mapping[str, str], login: Login
) -> HttpResponse: ...
def perform_login(request: HttpRequest, login: Login) -> HttpResponse: ...
def record_authentication(
    request: HttpRequest, user: AbstractBaseUser, method: str, *, provider: str
) -> None: ...
