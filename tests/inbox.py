"""A real SMTP server on a free port, and what it was sent."""

import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message


class Inbox(Message):
    def __init__(self):
        super().__init__()
        self.messages = []

    def handle_message(self, message):
        self.messages.append(message)


def text_of(message):
    """Return the body of a message, its lines as they were written."""
    return message.get_payload(decode=True).decode().replace("\r\n", "\n")


@pytest.fixture
def inbox(settings):
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
