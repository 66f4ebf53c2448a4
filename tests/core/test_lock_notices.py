"""Who is informed that their log-in is locked, where the mail server does not take everything."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from core.models import FailedAttempts
from core.operations.lock_notices import send_lock_notices
from tests.mail_server import Server

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LOCK = timedelta(minutes=30)


def lock(*names: str) -> None:
    """Lock the log-in of people whose mailboxes have these names."""
    for name in names:
        FailedAttempts.objects.create(
            scope=FailedAttempts.Scope.ACCOUNT,
            subject=name,
            user=User.objects.create(username=name, email=f"{name}@example.com"),
            count=10,
            last_at=NOON,
            is_notice_due=True,
        )


def due() -> list[str]:
    rows = FailedAttempts.objects.filter(is_notice_due=True).order_by("pk")
    return list(rows.values_list("subject", flat=True))


def test_what_a_server_says_about_one_mailbox_stops_no_others(server: Server) -> None:
    lock("gone", "spam", "later", "lost", "anna")

    assert send_lock_notices(now=NOON, lock=LOCK) == 1

    # What may have arrived, or was refused for good, is not sent again.
    assert server.delivered == ["lost@example.com", "anna@example.com"]
    assert due() == ["later"]
    server.attempts.clear()
    assert send_lock_notices(now=NOON, lock=LOCK) == 0
    assert server.attempts == ["later@example.com"]
    assert due() == ["later"]


def test_a_server_that_takes_nothing_is_asked_once(server: Server, settings: Settings) -> None:
    server.is_closed_to_us = True
    lock("anna", "bo")

    assert send_lock_notices(now=NOON, lock=LOCK) == 0

    assert (server.connections, due()) == (1, ["anna", "bo"])
