"""How queued e-mails are sent: refusals, lost answers, connections, and what a person can do."""

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from config.management.commands.up import _programs
from core.operations import mail
from core.operations.mail import send_again, send_due
from inventory.models import LowStockDigest
from tests.mail_server import Server

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def queue(*recipients: str) -> None:
    for recipient in recipients:
        LowStockDigest.objects.create(
            day=NOW.date(), recipient=recipient, subject="Low", body="…", next_attempt_at=NOW
        )


def states() -> dict[str, str]:
    return dict(LowStockDigest.objects.values_list("recipient", "state"))


@pytest.mark.django_db
def test_one_refused_recipient_ends_neither_the_batch_nor_the_connection(server: Server) -> None:
    # given
    queue("a@example.com", "gone@example.com", "later@example.com", "spam@example.com",
          "b@example.com")  # fmt: skip

    # when
    sent = send_due(LowStockDigest, now=NOW)

    # then: a final refusal is final at once, another is tried again
    assert sent == 2
    assert states() == {
        "a@example.com": "SENT",
        "gone@example.com": "FAILED",
        "later@example.com": "QUEUED",
        "spam@example.com": "FAILED",
        "b@example.com": "SENT",
    }
    later = LowStockDigest.objects.get(recipient="later@example.com")
    assert NOW + timedelta(minutes=1) <= later.next_attempt_at < NOW + timedelta(minutes=2)
    assert "550" in LowStockDigest.objects.get(recipient="gone@example.com").last_error
    assert server.connections == 1


@pytest.mark.django_db
def test_lost_answer_is_an_unknown_outcome_and_not_sent_twice_by_itself(server: Server) -> None:
    queue("lost@example.com", "b@example.com")

    assert send_due(LowStockDigest, now=NOW) == 1
    assert send_due(LowStockDigest, now=NOW + timedelta(days=1)) == 0

    assert states() == {"lost@example.com": "UNKNOWN", "b@example.com": "SENT"}
    assert server.delivered == ["lost@example.com", "b@example.com"]


@pytest.mark.django_db
def test_server_that_takes_nothing_from_us_costs_one_attempt_not_one_an_email(
    server: Server,
) -> None:
    server.is_closed_to_us = True
    queue("a@example.com", "b@example.com")

    assert send_due(LowStockDigest, now=NOW) == 0

    attempts = LowStockDigest.objects.order_by("pk").values_list("state", "attempt_count")
    assert list(attempts) == [("QUEUED", 1), ("QUEUED", 0)]


@pytest.mark.django_db
def test_address_that_cannot_be_written_into_a_message_fails_alone(server: Server) -> None:
    queue("two\nlines@example.com", "b@example.com")

    assert send_due(LowStockDigest, now=NOW) == 1

    assert states() == {"two\nlines@example.com": "FAILED", "b@example.com": "SENT"}


@pytest.mark.django_db
def test_text_that_cannot_be_made_fails_alone(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    queue("a@example.com", "b@example.com")

    def write(emails: Any) -> Any:
        if emails[0].recipient == "a@example.com":
            raise KeyError("sku")
        return emails[0]

    assert send_due(LowStockDigest, now=NOW, write=write) == 1

    assert states() == {"a@example.com": "FAILED", "b@example.com": "SENT"}
    assert LowStockDigest.objects.get(recipient="a@example.com").last_error == "KeyError: 'sku'"
    assert "could not be made" in caplog.text


def lost_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def slow_statement() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '50ms'")
        cursor.execute("SELECT pg_sleep(60)")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", [lost_connection, slow_statement])
def test_text_that_the_database_could_not_give_is_made_later(
    server: Server, fault: Callable[..., Any]
) -> None:
    queue("a@example.com", "b@example.com")

    def write(emails: Any) -> Any:
        [email] = emails
        if email.recipient == "a@example.com" and email.attempt_count == 1:
            try:
                fault()
            finally:
                if fault is slow_statement:
                    connection.close()
        return email

    assert send_due(LowStockDigest, now=NOW, write=write, seconds=60) == 1

    assert states() == {"a@example.com": "QUEUED", "b@example.com": "SENT"}
    later = LowStockDigest.objects.get(recipient="a@example.com")
    assert later.next_attempt_at >= NOW + timedelta(minutes=1)
    assert send_due(LowStockDigest, now=NOW + timedelta(hours=1), write=write) == 1
    assert server.delivered == ["b@example.com", "a@example.com"]


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_while_the_database_was_away_is_known_to_be_sent(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "RECORD_PAUSES", (0.0, 0.0))
    queue("a@example.com", "b@example.com")
    sender = connection.connection.info.backend_pid
    with closing(psycopg.connect(**connection.get_connection_params(), autocommit=True)) as other:

        def away() -> None:
            other.execute("SELECT pg_terminate_backend(%s)", [sender])

        server.on_delivery = away
        assert send_due(LowStockDigest, now=NOW, seconds=60) == 2

    assert states() == {"a@example.com": "SENT", "b@example.com": "SENT"}
    assert server.delivered == ["a@example.com", "b@example.com"]


@pytest.mark.django_db
def test_what_a_crash_left_being_sent_is_found_and_a_person_sends_it_again(server: Server) -> None:
    # given: a sender that died after its claim
    queue("a@example.com")
    LowStockDigest.objects.update(state="SENDING", claimed_at=NOW, attempt_count=3)

    # when
    send_due(LowStockDigest, now=NOW + timedelta(minutes=4, seconds=59))
    before = states()
    send_due(LowStockDigest, now=NOW + timedelta(minutes=5, seconds=1))

    # then
    assert (before, states()) == ({"a@example.com": "SENDING"}, {"a@example.com": "UNKNOWN"})
    (key,) = LowStockDigest.objects.values_list("pk", flat=True)
    assert send_again(LowStockDigest, keys=[key], now=NOW) == 1
    assert send_due(LowStockDigest, now=NOW) == 1
    assert states() == {"a@example.com": "SENT"}


@pytest.mark.django_db
def test_answer_that_comes_after_a_person_decided_changes_nothing(server: Server) -> None:
    queue("a@example.com")
    [claimed] = mail._claimed(LowStockDigest, None, now=NOW, connections=1)
    LowStockDigest.objects.update(state="UNKNOWN")
    send_again(LowStockDigest, keys=[claimed.pk], now=NOW)

    mail._record(claimed, state="SENT", sent_at=NOW)

    assert states() == {"a@example.com": "QUEUED"}


@pytest.mark.django_db(transaction=True)
def test_several_connections_at_once_and_never_more_than_allowed(server: Server) -> None:
    # given
    server.seconds = 0.05
    queue(*(f"{number}@example.com" for number in range(24)))

    # when: two senders, each allowed three connections of the same three
    counts = []

    def send() -> None:
        counts.append(send_due(LowStockDigest, now=NOW, connections=3, seconds=240))
        connection.close()

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(120)

    # then
    assert sum(counts) == 24
    assert sorted(server.delivered) == sorted(f"{number}@example.com" for number in range(24))
    assert 2 <= server.most_at_once <= 3


def test_emails_have_workers_of_their_own() -> None:
    routes = {task: route["queue"] for task, route in django_settings.CELERY_TASK_ROUTES.items()}
    mail_worker = next(program for program in _programs(1) if program.name == "mail")

    assert routes == {
        "core.look_after_log_ins": "mail",
        "orders.send_emails": "mail",
        "inventory.send_low_stock_digests": "mail",
        "inventory.send_back_in_stock": "mail",
        "fulfillment.send_demand_digests": "mail",
    }
    assert mail_worker.command[mail_worker.command.index("--queues") + 1] == "mail"


@pytest.mark.django_db
def test_merchant_sends_again_what_failed_after_a_look_at_it(client: Client) -> None:
    # given
    user = User.objects.create(username="m", is_staff=True)
    user.groups.add(Group.objects.get(name="Merchant"))
    client.force_login(user)
    queue("a@example.com", "b@example.com", "c@example.com")
    LowStockDigest.objects.filter(recipient="a@example.com").update(state="FAILED")
    LowStockDigest.objects.filter(recipient="b@example.com").update(state="UNKNOWN")
    keys = list(LowStockDigest.objects.values_list("pk", flat=True))
    url = reverse("admin:inventory_lowstockdigest_changelist")
    selected = {"action": "send_again", "_selected_action": keys}

    # when
    page = client.post(url, selected)
    before = states()
    done = client.post(url, {**selected, "confirmed": "1"}, follow=True)

    # then
    text = page.content.decode()
    assert "2 e-mails will be queued again." in text
    assert "The outcome of 1 of them is unknown: it may have arrived already." in text
    assert "1 selected e-mail is left out" in text
    assert sorted(before.values()) == ["FAILED", "QUEUED", "UNKNOWN"]
    assert "2 e-mails queued." in done.content.decode()
    assert set(states().values()) == {"QUEUED"}


@pytest.mark.django_db
def test_every_email_that_would_be_sent_again_is_listed_in_pages(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.admin.queued_emails.PAGE_SIZE", 2)
    queue("a@example.com", "b@example.com", "c@example.com")
    LowStockDigest.objects.update(state="FAILED")
    keys = list(LowStockDigest.objects.values_list("pk", flat=True))
    url = reverse("admin:inventory_lowstockdigest_changelist")
    selected = {"action": "send_again", "_selected_action": keys}

    pages = [admin_client.post(url, {**selected, "page": number}) for number in ("1", "2")]

    listed = [[email.recipient for email in page.context["emails"]] for page in pages]
    assert [len(recipients) for recipients in listed] == [2, 1]
    assert sorted(chain.from_iterable(listed)) == [
        "a@example.com",
        "b@example.com",
        "c@example.com",
    ]
    assert "Page 2 of 2" in pages[1].content.decode()
    assert set(states().values()) == {"FAILED"}


@pytest.mark.django_db
def test_page_of_a_failed_email_offers_to_send_it_again(admin_client: Client) -> None:
    queue("a@example.com")
    digest = LowStockDigest.objects.get()
    url = reverse("admin:inventory_lowstockdigest_change", args=[digest.pk])

    queued = admin_client.get(url).content.decode()
    LowStockDigest.objects.update(state="UNKNOWN")
    unknown = admin_client.get(url).content.decode()

    assert ("send_again" in queued, "send_again" in unknown) == (False, True)


@pytest.mark.django_db
def test_the_letter_stands_first_and_the_facts_are_folded(admin_client: Client) -> None:
    queue("a@example.com")
    digest = LowStockDigest.objects.get()
    LowStockDigest.objects.update(
        state="FAILED", subject="Low: <MUG>", body="MUG 1\n\nLAMP 2", last_error="No such user"
    )

    page = admin_client.get(
        reverse("admin:inventory_lowstockdigest_change", args=[digest.pk])
    ).content.decode()

    form = page.index('id="lowstockdigest_form"')
    assert page.index("Low: &lt;MUG&gt;") < page.index("<p>LAMP 2</p>") < form
    # No form stands inside another: its button would send the outer one.
    assert page.index('value="send_again"') < form
    assert form < page.index("<summary>", form) < page.index("a@example.com", form)


@pytest.mark.django_db
def test_viewers_do_not_send_again(client: Client) -> None:
    user = User.objects.create(username="v", is_staff=True)
    user.groups.add(Group.objects.get(name="Viewer"))
    client.force_login(user)
    queue("a@example.com")
    LowStockDigest.objects.update(state="FAILED")
    url = reverse("admin:inventory_lowstockdigest_changelist")

    client.post(
        url,
        {
            "action": "send_again",
            "confirmed": "1",
            "_selected_action": LowStockDigest.objects.values_list("pk", flat=True),
        },
    )

    assert states() == {"a@example.com": "FAILED"}


@pytest.mark.django_db
def test_what_may_have_been_sent_since_the_backup_is_left_to_a_person(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    queue("queued@example.com", "going@example.com", "sent@example.com", "failed@example.com")
    for name, facts in (
        ("going", {"state": "SENDING", "claimed_at": NOW}),
        ("sent", {"state": "SENT", "sent_at": NOW}),
        ("failed", {"state": "FAILED"}),
    ):
        LowStockDigest.objects.filter(recipient=f"{name}@example.com").update(**facts)

    call_command("after_restore")

    assert "E-mails that may have been sent: 2." in capsys.readouterr().out
    assert states() == {
        "queued@example.com": "UNKNOWN",
        "going@example.com": "UNKNOWN",
        "sent@example.com": "SENT",
        "failed@example.com": "FAILED",
    }
    assert send_due(LowStockDigest, now=NOW) == 0

    # A person who knows that it was not sent sends it.
    chosen = LowStockDigest.objects.get(recipient="queued@example.com")
    assert chosen.last_error == "Restored: it may have been sent."
    assert send_again(LowStockDigest, keys=[chosen.pk], now=NOW) == 1
    assert send_due(LowStockDigest, now=NOW) == 1
