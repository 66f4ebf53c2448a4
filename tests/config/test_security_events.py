"""Security events: each thing that happens is written once, and stays."""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

from config.log_in.second_factor import remove_factors
from core.callers import Caller
from core.models import AccountEmail, FailedAttempts, SecurityEvent
from core.operations import security_events
from core.operations.api_keys import issue_key, recognize
from core.operations.security_events import delete_old
from core.tasks import look_after_log_ins
from tests.opened_form import opened_form

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PASSWORD = "right-horse-battery"  # noqa: S105
LOG_IN = "/admin/login/"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", "ada@example.com", PASSWORD, is_staff=True)


@pytest.fixture
def root() -> Client:
    user = User.objects.create_superuser("root", password=PASSWORD)
    client = Client(REMOTE_ADDR="192.0.2.9")
    client.force_login(user)
    return client


def events(*kinds: str) -> list[SecurityEvent]:
    found = SecurityEvent.objects.order_by("pk")
    return list(found.filter(kind__in=kinds) if kinds else found)


def only(kind: str) -> SecurityEvent:
    (event,) = events(kind)
    return event


def try_password(client: Client, name: str, password: str) -> Any:
    return client.post(LOG_IN, {"username": name, "password": password})


def test_a_log_in_and_a_log_out_are_written(ada: User) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7")

    try_password(client, "ada", PASSWORD)
    client.post("/admin/logout/")

    assert [(one.kind, one.person, one.actor, one.address) for one in events()] == [
        ("LOGGED_IN", ada, ada, "192.0.2.7"),
        ("LOGGED_OUT", ada, ada, "192.0.2.7"),
    ]


def test_wrong_passwords_of_an_hour_are_counted_in_one_event(ada: User) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7")

    for _attempt in range(3):
        try_password(client, "ada", "wrong-horse")

    event = only("LOG_IN_FAILED")
    assert (event.count, event.person, event.actor, event.name) == (3, ada, None, "ada")
    assert "wrong-horse" not in str(vars(event))


def test_of_a_name_that_nobody_has_three_letters_are_kept() -> None:
    try_password(Client(), "my-secret-password", "x")

    event = only("LOG_IN_FAILED")
    assert (event.person, event.name) == (None, "my-…")


def test_a_lock_and_its_end_are_written(ada: User, root: Client, settings: Settings) -> None:
    settings.LOG_IN_FAILURES = 3
    client = Client()
    for _attempt in range(2):
        try_password(client, "ada", "wrong")
    assert events("LOCKED") == []
    FailedAttempts.objects.update(last_at=datetime.now(UTC) - timedelta(minutes=2))

    try_password(client, "ada", "wrong")
    action = {"action": "unlock_log_in", "_selected_action": [ada.pk]}
    root.post(reverse("admin:auth_user_changelist"), action)

    assert (only("LOCKED").person, only("LOCKED").detail) == (ada, {"scope": "ACCOUNT"})
    unlocked = only("UNLOCKED")
    assert (unlocked.person, str(unlocked.actor), unlocked.address) == (ada, "root", "192.0.2.9")


def test_a_right_password_at_the_last_attempt_locks_nothing(ada: User, settings: Settings) -> None:
    settings.LOG_IN_FAILURES = 3
    client = Client()
    for _attempt in range(2):
        try_password(client, "ada", "wrong")
    FailedAttempts.objects.update(last_at=datetime.now(UTC) - timedelta(minutes=2))

    try_password(client, "ada", PASSWORD)

    assert events("LOCKED") == []


def test_who_was_refused_a_page_is_counted_by_its_name(ada: User) -> None:
    client = Client()
    client.force_login(ada)
    page = reverse("admin:auth_user_changelist")

    statuses = [client.get(page).status_code for _time in range(2)]

    assert statuses == [403, 403]
    event = only("REFUSED")
    assert (event.person, event.name, event.count) == (ada, "admin:auth_user_changelist", 2)


def test_a_program_that_is_refused_is_counted(ada: User) -> None:
    _key, secret = issue_key(ada.pk, name="shop", now=NOW)

    answer = Client().get("/api/v1/orders/", HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert answer.status_code == 403
    assert (only("REFUSED").person, only("REFUSED").count) == (ada, 1)


def test_keys_are_written_from_the_first_to_the_last_day(ada: User, root: Client) -> None:
    made = {"user": ada.pk, "name": "shop"}
    root.post(reverse("admin:core_apikey_add"), made)
    key, secret = issue_key(ada.pk, name="till", now=NOW)
    recognize(secret, caller=Caller(NOW, address="192.0.2.1"))
    recognize(secret, caller=Caller(NOW, address="192.0.2.1"))
    recognize(secret, caller=Caller(NOW, address="192.0.2.2"))
    recognize(secret, caller=Caller(NOW, address="192.0.2.1"))
    revoked = {"action": "revoke", "_selected_action": [key.pk]}
    root.post(reverse("admin:core_apikey_changelist"), revoked)

    assert [(str(one.actor), one.person) for one in events("KEY_MADE")] == [
        ("root", ada),
        ("None", ada),
    ]
    assert [one.address for one in events("KEY_MOVED")] == ["192.0.2.1", "192.0.2.2"]
    assert (str(only("KEY_REVOKED").actor), only("KEY_REVOKED").name) == ("root", str(key))
    assert secret not in str([vars(one) for one in events()])


def test_wrong_keys_are_counted_by_their_address() -> None:
    client = Client(REMOTE_ADDR="192.0.2.4", HTTP_AUTHORIZATION="Bearer bok_wrong")

    for _time in range(2):
        client.get("/api/v1/orders/")

    assert (only("KEY_REFUSED").address, only("KEY_REFUSED").count) == ("192.0.2.4", 2)


def test_given_roles_and_permissions_are_named_and_no_personal_value(
    ada: User, root: Client
) -> None:
    role = Group.objects.get(name="Viewer")
    permission = Permission.objects.get(codename="add_apikey")
    address = reverse("admin:auth_user_change", args=[ada.pk])
    form = {
        "username": "ada",
        "first_name": "Adalina",
        "email": "ada@example.com",
        "is_active": "on",
        "is_staff": "on",
        "groups": [role.pk],
        "user_permissions": [permission.pk],
    }
    page = root.get(address).content.decode()
    root.post(address, opened_form(page, form_id="user_form") | form)

    assert only("USER_CHANGED").detail == {
        "fields": ["first_name"],
        "given": ["Viewer", "core.add_apikey"],
    }
    assert (only("USER_CHANGED").person, str(only("USER_CHANGED").actor)) == (ada, "root")


def test_a_deleted_user_stays_in_the_events(ada: User, root: Client) -> None:
    try_password(Client(), "ada", PASSWORD)
    key = ada.pk
    ada.delete()

    page = root.get(reverse("admin:core_securityevent_changelist")).content.decode()
    own = root.get(reverse("admin:core_securityevent_change", args=[events("LOGGED_IN")[-1].pk]))

    assert f"#{key}" in page
    # Whose account, and who did it.
    assert own.content.decode().count(f"#{key}") == 2


def test_a_removed_second_factor_is_written_and_its_person_informed(ada: User) -> None:
    Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={"secret": "x"})

    remove_factors(Caller(NOW), [ada.pk])

    assert (only("FACTOR_REMOVED").person, only("FACTOR_REMOVED").actor) == (ada, None)
    email = AccountEmail.objects.get()
    assert (email.recipient, email.subject) == (
        "ada@example.com",
        "A second factor was removed from your account",
    )
    assert "Done by: a command on the server" in email.body


def test_a_new_password_is_written_and_its_person_informed(
    ada: User, root: Client, mailoutbox: list[Any]
) -> None:
    new = {"password1": "another-horse-7", "password2": "another-horse-7"}
    root.post(reverse("admin:auth_user_password_change", args=[ada.pk]), new)

    look_after_log_ins()

    assert (only("PASSWORD_CHANGED").person, events("USER_CHANGED")) == (ada, [])
    (email,) = mailoutbox
    assert (email.to, email.subject) == (["ada@example.com"], "Your password was changed")
    assert "Done by: root\nNetwork address: 192.0.2.9" in email.body
    assert "another-horse-7" not in str([vars(one) for one in events()]) + email.body


def test_events_are_neither_changed_nor_deleted(ada: User) -> None:
    security_events.record(Caller(NOW), SecurityEvent.Kind.LOGGED_IN, person_id=ada.pk)
    security_events.count(Caller(NOW), SecurityEvent.Kind.REFUSED, person_id=ada.pk)
    security_events.count(Caller(NOW), SecurityEvent.Kind.REFUSED, person_id=ada.pk)

    for statement in (
        "UPDATE core_securityevent SET person_id = NULL WHERE kind = 'LOGGED_IN'",
        "UPDATE core_securityevent SET count = count + 1 WHERE kind = 'LOGGED_IN'",
        "UPDATE core_securityevent SET count = 1 WHERE kind = 'REFUSED'",
        "UPDATE core_securityevent SET count = count + 1, name = 'x' WHERE kind = 'REFUSED'",
        "DELETE FROM core_securityevent",
    ):
        with (
            pytest.raises(DatabaseError, match="never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    assert [(one.kind, one.count) for one in events()] == [("LOGGED_IN", 1), ("REFUSED", 2)]


def test_only_what_is_too_old_is_deleted_and_that_is_written() -> None:
    now = datetime.now(UTC)
    for days in (400, 366, 364, 1):
        security_events.record(Caller(now - timedelta(days=days)), SecurityEvent.Kind.LOGGED_IN)

    assert delete_old(now=now, kept=timedelta(days=365)) == 2
    assert delete_old(now=now, kept=timedelta(days=365)) == 0

    assert [one.kind for one in events()] == ["LOGGED_IN", "LOGGED_IN", "EVENTS_DELETED"]
    assert only("EVENTS_DELETED").detail == {"count": 2}
    with pytest.raises(DatabaseError, match="last 30 days"), transaction.atomic():
        delete_old(now=now, kept=timedelta(days=20))


def test_what_is_written_of_a_deletion_is_deleted_with_its_day() -> None:
    kept, noon = timedelta(days=365), datetime(2024, 3, 1, 12, tzinfo=UTC)
    security_events.record(Caller(noon - kept), SecurityEvent.Kind.LOGGED_IN)

    deleted = [
        delete_old(now=noon + timedelta(minutes=minutes), kept=kept)
        for minutes in (0, 1, 2, 12 * 60 + 1, 12 * 60 + 2)
    ]
    assert deleted == [0, 0, 0, 1, 0]
    # A year later its own event is too old, in each minute of a day.
    year_later = noon + kept + timedelta(days=2)
    assert [delete_old(now=year_later + timedelta(minutes=n), kept=kept) for n in range(3)] == [
        1,
        0,
        0,
    ]


def test_an_index_finds_what_is_too_old() -> None:
    security_events.record(Caller(NOW), SecurityEvent.Kind.LOGGED_IN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('core_delete_old_security_events'::regproc)")
        (deletion,) = re.findall(r"DELETE FROM [^;]+", str(cursor.fetchone()[0]))
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + deletion.replace("before", "now() - interval '1 year'"))
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "security_event_at" in plan, plan


def test_the_list_is_filtered_and_exported_by_who_may_see_it(ada: User, root: Client) -> None:
    security_events.record(
        Caller(NOW, ada.pk, "192.0.2.3"), SecurityEvent.Kind.UNLOCKED, name="=cmd()"
    )
    address = reverse("admin:core_securityevent_export") + "?kind=UNLOCKED&address=192.0.2.3"

    rows = b"".join(root.get(address)).decode().splitlines()
    client = Client()
    client.force_login(ada)

    assert rows[1] == (
        "2026-03-01T09:30:00+00:00,UNLOCKED,,ada,192.0.2.3,'=cmd(),1,2026-03-01T09:30:00+00:00"
    )
    assert len(rows) == 2
    assert client.get(address).status_code == 403
    ada.user_permissions.add(Permission.objects.get(codename="view_securityevent"))
    assert client.get(address).status_code == 200


def test_a_changed_schedule_is_written(root: Client) -> None:
    row = PeriodicTask.objects.get(task="core.look_after_log_ins")
    root.post(reverse("admin:fulfillment_scheduledwork_pause", args=[row.pk]))

    event = only("SCHEDULE_CHANGED")
    assert (event.name, event.detail) == ("Look after log-ins", {"done": "Paused."})


def test_what_changes_nothing_is_not_written(ada: User, root: Client) -> None:
    row = PeriodicTask.objects.get(task="core.look_after_log_ins")
    key, _secret = issue_key(ada.pk, name="shop", now=NOW)
    for address in (
        reverse("admin:fulfillment_scheduledwork_change", args=[row.pk]),
        reverse("admin:core_apikey_change", args=[key.pk]),
        reverse("admin:auth_user_change", args=[ada.pk]),
        reverse("admin:auth_group_change", args=[Group.objects.get(name="Viewer").pk]),
    ):
        same = opened_form(root.get(address).text)
        assert root.post(address, same).status_code == 302, address
    root.post(reverse("admin:fulfillment_scheduledwork_resume", args=[row.pk]))
    root.post(reverse("admin:fulfillment_scheduledwork_restore"), {"task": row.task})
    root.post(reverse("admin:fulfillment_scheduledwork_pause", args=[row.pk]))
    root.post(reverse("admin:fulfillment_scheduledwork_pause", args=[row.pk]))

    assert [(one.kind, one.detail) for one in events() if "CHANGED" in one.kind] == [
        ("SCHEDULE_CHANGED", {"done": "Paused."})
    ]


def test_a_changed_key_and_a_changed_schedule_are_written(ada: User, root: Client) -> None:
    row = PeriodicTask.objects.get(task="core.look_after_log_ins")
    key, _secret = issue_key(ada.pk, name="shop", now=NOW)
    for address, typed in (
        (reverse("admin:fulfillment_scheduledwork_change", args=[row.pk]), {"every": "7"}),
        (reverse("admin:core_apikey_change", args=[key.pk]), {"name": "till"}),
    ):
        same = opened_form(root.get(address).text)
        assert root.post(address, same | typed).status_code == 302

    assert only("SCHEDULE_CHANGED").detail == {"done": "Changed."}
    assert only("KEY_CHANGED").detail == {"fields": ["name"]}


def test_flags_are_given_and_taken(ada: User, root: Client) -> None:
    address = reverse("admin:auth_user_change", args=[ada.pk])
    form = opened_form(root.get(address).text, form_id="user_form")
    del form["is_staff"]

    root.post(address, form | {"is_superuser": "on"})

    assert only("USER_CHANGED").detail == {"given": ["is_superuser"], "taken": ["is_staff"]}


def test_two_that_share_a_key_write_nothing_each_time(ada: User) -> None:
    key, secret = issue_key(ada.pk, name="till", now=NOW)
    both = [Caller(NOW, address=address) for address in ("192.0.2.1", "192.0.2.2")]
    for caller in both:
        recognize(secret, caller=caller)

    with CaptureQueriesContext(connection) as queries:
        for caller in both * 2:
            recognize(secret, caller=caller)

    assert [one["sql"] for one in queries if not one["sql"].startswith("SELECT")] == []
    assert [one.address for one in events("KEY_MOVED")] == ["192.0.2.1", "192.0.2.2"]
    # Later the use is noted again, with where it came from.
    recognize(secret, caller=Caller(NOW + timedelta(minutes=2), address="192.0.2.1"))
    key.refresh_from_db()
    assert key.last_used_at == NOW + timedelta(minutes=2)
    assert key.last_address == "192.0.2.1"


def test_a_key_of_a_command_is_written(ada: User) -> None:
    call_command("create_api_key", "ada", stdout=StringIO())

    assert (only("KEY_MADE").person, only("KEY_MADE").actor) == (ada, None)
