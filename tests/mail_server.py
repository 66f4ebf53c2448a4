"""A real SMTP server that refuses, hangs up or takes its time."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pytest_django import Settings

from config.local_services.network_ports import free_port


class Server:
    """An SMTP server that refuses, hangs up or takes its time by the recipient's name."""

    def __init__(self) -> None:
        self.delivered: list[str] = []
        self.attempts: list[str] = []
        self.connections = 0
        self.most_at_once = 0
        self._at_once = 0
        self._counting = threading.Lock()
        self.seconds = 0.0
        self.on_delivery: Callable[[], None] = lambda: None

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: Any, responses: Any
    ) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: Any, options: Any
    ) -> str:
        if self.is_closed_to_us:
            return "530 authentication required"
        envelope.mail_from = address
        return "250 OK"

    is_closed_to_us = False

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: Any, options: Any
    ) -> str:
        self.attempts.append(address)
        if address.startswith("gone"):
            return "550 no such mailbox"
        if address.startswith("later"):
            return "450 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        (recipient,) = envelope.rcpt_tos
        if recipient.startswith("spam"):
            return "554 refused as spam"
        with self._counting:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(self.seconds)
        with self._counting:
            self._at_once -= 1
        self.delivered.append(recipient)
        self.on_delivery()
        if recipient.startswith("lost"):
            server.transport.abort()
        return "250 OK"


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), ready_timeout=120)
    controller.start()
    settings.EMAIL_BACKEND = "core.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield handler
    controller.stop()
