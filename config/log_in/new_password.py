"""What follows when a person has a new password."""

from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from config.last_visit import note_visit
from core.callers import Caller, caller_of
from core.models import SecurityEvent
from core.operations.account_emails import record_and_inform
from core.operations.api_keys import revoke_all
from core.operations.web_sessions import end_sessions


def after_new_password(request: HttpRequest, user_id: int) -> None:
    """End the sessions of a person whose password is new, and the API keys if the setting says so.
    The person is informed.

    A person who chose it goes on in the session of ``request``, which has a new key by now.
    """
    kept = ""
    if request.user.pk == user_id:
        note_visit(request, user_id)
        kept = str(request.session.session_key)
    caller = caller_of(request)
    if caller.actor_id is None:
        # Who is not logged in has chosen it by the link that they were sent.
        caller = replace(caller, actor_id=user_id)
    end_what_was_opened(caller, user_id, except_key=kept)


def end_what_was_opened(caller: Caller, user_id: int, *, except_key: str = "") -> None:
    """End what was opened with the former password of a person, but the session with
    ``except_key``; the person is informed. Opens the transaction."""
    end_sessions(user_id, except_key=except_key)
    with transaction.atomic():
        record_and_inform(caller, SecurityEvent.Kind.PASSWORD_CHANGED, person_id=user_id)
        if settings.API_KEYS_END_WITH_PASSWORD:
            revoke_all(user_id, now=caller.at, caller=caller)
