"""Customer e-mails handed to a slow mail server, which refuses one in a hundred.

``EMAILS`` says how many (10,000). The server is a process of its own on this machine. The floor is
what the server's own time allows over as many connections: e-mails × 20 ms / connections.
"""

import asyncio
import logging
import multiprocessing
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from aiosmtpd.controller import Controller
from django.conf import settings

from config.local_services.network_ports import answers, free_port
from inventory.models import SalesChannel, Stock
from orders.models import Order, OrderEmail
from orders.notices.send import send_queued

SERVER_SECONDS = 0.02
LINES = [{"sku": "KTP", "name": "Kettle", "quantity": "6.0000"}]


class Slow:
    """Takes its time, and knows no mailbox whose name begins with ``gone``."""

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address.startswith("gone"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(SERVER_SECONDS)
        return "250 OK"


def serve(port: int) -> None:
    """Serve until the process is ended, without a line about each command."""
    logging.disable(logging.INFO)
    Controller(Slow(), hostname="127.0.0.1", port=port, ready_timeout=60).start()
    time.sleep(3600)


def run() -> Iterator[dict[str, Any]]:
    """Yield how many e-mails a second leave, beside what the server's own time allows."""
    count = int(os.environ.get("EMAILS", "10000"))
    port = free_port()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(port,), daemon=True)
    server.start()
    while not answers(port):
        time.sleep(0.05)
    settings.EMAIL_BACKEND = "core.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = False
    queue(count)
    began = time.perf_counter()
    sent = 0
    while OrderEmail.objects.filter(state=OrderEmail.State.QUEUED).exists():
        sent += send_queued(now=datetime.now(UTC), connections=settings.EMAIL_CONNECTIONS)
    seconds = time.perf_counter() - began
    server.terminate()
    refused = OrderEmail.objects.filter(state=OrderEmail.State.FAILED).count()
    if sent + refused != count or refused != count // 100:
        raise RuntimeError(f"{sent} sent, {refused} refused of {count}")
    allowed = settings.EMAIL_CONNECTIONS / SERVER_SECONDS
    yield {
        "benchmark": "emails",
        "case": f"{count:,} in {seconds:.0f} s, {settings.EMAIL_CONNECTIONS} connections",
        "unit": "e-mails/s",
        "ours": round(count / seconds),
        "floor": round(allowed),
        "ratio": count / seconds / allowed,
    }


def queue(count: int) -> None:
    """Queue ``count`` e-mails of one order, one in a hundred to a mailbox that is gone."""
    now = datetime.now(UTC)
    stock = Stock.objects.get(code="default")
    channel = SalesChannel.objects.create(code="bench", name="Bench", stock=stock)
    order = Order.objects.create(
        number="1001",
        channel=channel,
        stock=stock,
        customer_name="Ada",
        customer_email="ada@example.com",
        placed_at=now,
    )
    OrderEmail.objects.bulk_create(
        OrderEmail(
            order=order,
            kind=OrderEmail.Kind.BEING_PREPARED,
            event_key=f"{number}",
            language="en",
            recipient=f"{'gone' if number % 100 == 0 else 'ada'}-{number}@example.com",
            context={"lines": LINES},
            # The minutes in which e-mails are collected are over.
            created_at=now - timedelta(hours=1),
            next_attempt_at=now,
        )
        for number in range(count)
    )
