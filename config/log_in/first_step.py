"""The first step of a log-in: who it is, before a second factor is asked for."""

from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.http import HttpRequest

from config.last_visit import PROVED
from config.log_in.second_factor import PASSWORD_KEY


def begin_log_in(request: HttpRequest, person: User) -> None:
    """Give the session of a person who has proved who it is a new key, and end another's.

    Of the password of now: with another one the second step is refused.
    """
    if request.user.is_authenticated and request.user != person:
        # Else the second step would go on as who is logged in.
        logout(request)
    # Who knew the key of the session before does not know the one that follows.
    request.session.cycle_key()
    # A log-in at the company's provider says when its person was asked there.
    request.session.pop(PROVED, None)
    request.session[PASSWORD_KEY] = person.get_session_auth_hash()
