"""What follows when a person has a new password."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from config.last_visit import note_visit
from core.operations.api_keys import revoke_all
from core.operations.web_sessions import end_sessions


def after_new_password(request: HttpRequest, user_id: int) -> None:
    """End the sessions of a person whose password is new, and the API keys if the setting says so.

    A person who chose it goes on in the session of ``request``, which has a new key by now.
    """
    kept = ""
    if request.user.pk == user_id:
        note_visit(request, user_id)
        kept = str(request.session.session_key)
    end_sessions(user_id, except_key=kept)
    if settings.API_KEYS_END_WITH_PASSWORD:
        revoke_all(user_id, now=timezone.now())
