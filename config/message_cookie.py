"""The cookie of messages to people, under a name that other hosts cannot set."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class MessageCookie(CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class MessageStorage(FallbackStorage):
    """Keeps messages in the cookie; those that it has no room for, in the session."""

    storage_classes = (MessageCookie, SessionStorage)
