"""What ends with the former password of a person."""

from datetime import datetime

from django.conf import settings

from core.operations.api_keys import revoke_all
from core.operations.web_sessions import end_sessions


def end_former(user_id: int, *, now: datetime, except_key: str = "") -> None:
    """End the sessions of a person whose password is new, but the one with ``except_key``, and the
    API keys if the setting says so."""
    end_sessions(user_id, except_key=except_key)
    if settings.API_KEYS_END_WITH_PASSWORD:
        revoke_all(user_id, now=now)
