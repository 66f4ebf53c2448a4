"""A real SMTP server on a free port, and what it was sent."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from pytest_django import Settings

from inventory.models import InventoryConfiguration


class Inbox(Message):
    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.messages.append(message)


def text_of(message: Any, kind: str = "text/plain") -> Any:
    """Return the text of a message, or its HTML; lines as they were written."""
    parts = [part for part in message.walk() if part.get_content_type() == kind]
    assert len(parts) == 1
    return parts[0].get_payload(decode=True).decode().replace("\r\n", "\n")


@pytest.fixture
def sends_at_once(db: None) -> None:
    """Collect no e-mails: each is sent by itself, as soon as it is queued."""
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"notice_delay": 0})


@pytest.fixture
def inbox(settings: Settings) -> Iterator[list[Any]]:
    """Return what was sent, as it comes in."""
    handler = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port, ready_timeout=120)
    controller.start()
    settings.EMAIL_BACKEND = "core.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield handler.messages
    controller.stop()
