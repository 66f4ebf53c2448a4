"""Wrong passwords and keys: slowed down, then locked; the owner still gets in, where known."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from pytest_django import Settings

from config.log_in.devices import COOKIE
from core.attempt_limits import of_account
from core.models import FailedAttempts, PersonLanguage
from core.network_addresses import network_of
from core.operations.failed_attempts import Counter, SecretAttempt, begin, digest
from core.operations.lock_notices import send_lock_notices
from core.tasks import look_after_log_ins
from tests.api import api_with
from tests.inbox import text_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/login/"
PASSWORD = "correct horse battery"  # noqa: S105 - a test's.
WRONG = "wrong horse"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LOCK = timedelta(minutes=30)
AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def anna() -> User:
    return User.objects.create_superuser("anna", "anna@example.com", PASSWORD)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def log_in(
    client: Client, *, name: str = "anna", password: str = WRONG, address: str = "192.0.2.1"
) -> Any:
    return client.post(PAGE, {"username": name, "password": password}, REMOTE_ADDR=address)


def fail(clock: time_machine.Traveller, *, times: int, name: str = "anna") -> list[int]:
    """Enter a wrong password, each time as soon as it is allowed and from another address."""
    statuses = []
    for number in range(times):
        answer = log_in(Client(), name=name, address=f"198.51.100.{number}")
        statuses.append(answer.status_code)
        clock.shift(timedelta(minutes=1))
    return statuses


@pytest.mark.parametrize("cache", ["there", "away"])
@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_forty_wrong_passwords_in_a_row_are_not_answered(
    anna: User, clock: time_machine.Traveller, settings: Settings, cache: str, name: str
) -> None:
    if cache == "away":
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": AWAY}}

    statuses = [log_in(Client(), name=name).status_code for _number in range(40)]

    # A sixth one is taken, and what comes after it within five seconds is not.
    assert statuses == [200] * 6 + [429] * 34


def test_an_account_is_locked_after_ten_and_opens_by_itself(
    anna: User, clock: time_machine.Traveller
) -> None:
    assert fail(clock, times=10) == [200] * 10

    locked = log_in(Client(), password=PASSWORD)
    clock.move_to(NOON + timedelta(minutes=9) + LOCK - timedelta(seconds=1))
    still = log_in(Client(), password=PASSWORD)
    clock.shift(timedelta(seconds=1))
    again = log_in(Client(), password=PASSWORD)

    assert locked.status_code == 429
    assert locked["Retry-After"] == "1740"
    assert "Too many wrong attempts. Log-in is locked for 29 minutes." in locked.text
    assert "Log-in is locked for 1 minute." in still.text
    assert again.status_code == 302
    # What was wrong before no longer counts.
    assert not FailedAttempts.objects.filter(user=anna).exists()


def test_a_pause_is_said_in_seconds(anna: User, clock: time_machine.Traveller) -> None:
    for _number in range(6):
        log_in(Client())

    refused = log_in(Client(), password=PASSWORD)

    assert refused.status_code == 429
    assert "Too many wrong attempts. Try again in 5 seconds." in refused.text
    assert "_auth_user_id" not in refused.client.session


def test_nobody_keeps_a_person_out_of_a_device_that_is_known(
    anna: User, clock: time_machine.Traveller
) -> None:
    known, stranger = Client(), Client()
    assert log_in(known, password=PASSWORD).status_code == 302
    known.post("/admin/logout/")
    fail(clock, times=10)

    assert log_in(stranger, password=PASSWORD).status_code == 429
    assert log_in(known, password=PASSWORD).status_code == 302
    # The lock stays for others.
    assert log_in(stranger, password=PASSWORD).status_code == 429


def test_a_known_device_has_a_limit_of_its_own(anna: User, clock: time_machine.Traveller) -> None:
    known = Client()
    log_in(known, password=PASSWORD)
    known.post("/admin/logout/")
    for _number in range(10):
        assert log_in(known).status_code == 200
        clock.shift(timedelta(minutes=1))

    assert log_in(known, password=PASSWORD).status_code == 429
    assert log_in(Client(), password=PASSWORD).status_code == 302


def test_a_mark_is_of_one_person_and_cannot_be_made_up(
    anna: User, clock: time_machine.Traveller
) -> None:
    User.objects.create_superuser("bo", password=PASSWORD)
    of_bo, forged = Client(), Client()
    log_in(of_bo, name="bo", password=PASSWORD)
    of_bo.post("/admin/logout/")
    forged.cookies[COOKIE] = "eyIxIjoiYSJ9:forged"
    fail(clock, times=10)

    assert of_bo.cookies[COOKIE]["httponly"] is True
    assert of_bo.cookies[COOKIE]["path"] == "/"
    assert log_in(of_bo, password=PASSWORD).status_code == 429
    assert log_in(forged, password=PASSWORD).status_code == 429


def test_an_address_is_locked_whatever_the_names(clock: time_machine.Traveller, anna: User) -> None:
    for number in range(40):
        assert log_in(Client(), name=f"guess{number}").status_code == 200
        clock.shift(timedelta(minutes=1))
    clock.shift(-timedelta(minutes=1))

    refused = log_in(Client(), name="another", password=PASSWORD)
    assert refused.status_code == 429
    # No superuser unlocks an address.
    assert "came from your network. Log-in from there is locked for 30 minutes." in refused.text
    assert log_in(Client(), password=PASSWORD, address="192.0.2.2").status_code == 302
    # What was refused wrote nothing.
    assert FailedAttempts.objects.filter(scope="ACCOUNT").count() == 40
    clock.shift(LOCK)
    assert log_in(Client()).status_code == 200
    assert FailedAttempts.objects.get(scope="ADDRESS", subject=digest("192.0.2.1")).count == 1


def test_a_right_password_does_not_make_room_for_others_at_its_address(
    clock: time_machine.Traveller, anna: User
) -> None:
    for number in range(21):
        log_in(Client(), name=f"guess{number}")
    clock.shift(timedelta(seconds=5))

    assert log_in(Client(), password=PASSWORD).status_code == 302
    [counted] = FailedAttempts.objects.filter(scope=FailedAttempts.Scope.ADDRESS)
    # The right one neither counts nor makes the others wait.
    assert (counted.count, counted.last_at) == (21, NOON)


@pytest.mark.parametrize(
    ("name_of_bo", "address_of_bo"), [("bo", "anna@example.com"), ("anna@example.com", "")]
)
def test_a_shared_name_counts_for_all_whose_it_is(
    anna: User, clock: time_machine.Traveller, name_of_bo: str, address_of_bo: str
) -> None:
    own = "a horse of my own"
    bo = User.objects.create_superuser(name_of_bo, address_of_bo, own)
    guesser, shared = Client(), "anna@example.com"
    # Bo is known on the device, and logs in between the guesses.
    assert log_in(guesser, name=shared, password=own).status_code == 302
    for _number in range(9):
        guesser.post("/admin/logout/")
        clock.shift(timedelta(minutes=1))
        assert log_in(guesser, name=shared).status_code == 200
        clock.shift(timedelta(minutes=1))
        assert log_in(guesser, name=shared, password=own).status_code == 302

    counts = FailedAttempts.objects.order_by("scope").values_list("scope", "user", "count")
    assert list(counts) == [("ACCOUNT", anna.pk, 9), ("ADDRESS", None, 9)]
    assert not FailedAttempts.objects.filter(user=bo).exists()
    assert not FailedAttempts.objects.filter(is_notice_due=True).exists()
    guesser.post("/admin/logout/")
    clock.shift(timedelta(minutes=1))
    assert log_in(guesser, name=shared).status_code == 200
    assert log_in(guesser, name=shared, password=PASSWORD).status_code == 429


def test_a_username_that_is_the_address_of_another_counts_for_both(
    anna: User, clock: time_machine.Traveller
) -> None:
    cleo = User.objects.create_superuser("anna@example.com", "cleo@example.com", "cleo's horse")

    # Cleo's address stands for Cleo, whose username is compared with Anna's password, too.
    assert log_in(Client(), name="cleo@example.com").status_code == 200

    counted = FailedAttempts.objects.filter(scope="ACCOUNT").values_list("user", "count")
    assert set(counted) == {(anna.pk, 1), (cleo.pk, 1)}


def test_the_old_password_is_not_guessed_without_end(
    anna: User, clock: time_machine.Traveller
) -> None:
    client = Client()
    client.force_login(anna)
    new = {"new_password1": "another horse", "new_password2": "another horse"}

    def change(old: str) -> Any:
        return client.post("/admin/password_change/", {"old_password": old, **new})

    statuses = [change(WRONG).status_code for _number in range(6)]
    refused = change(PASSWORD)
    clock.shift(timedelta(seconds=5))

    assert statuses == [200] * 6
    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert "Too many wrong attempts. Try again in 5 seconds." in refused.text
    assert change(PASSWORD).status_code == 302
    assert not FailedAttempts.objects.exists()


def test_many_attempts_at_once_are_no_more_than_one_after_the_other(transactional_db: None) -> None:
    user = User.objects.create(username="anna")
    counter = Counter(FailedAttempts.Scope.ACCOUNT, digest(user.pk), of_account(10, LOCK), user.pk)

    def attempt(_number: int) -> bool:
        try:
            return isinstance(begin([counter], now=NOON), SecretAttempt)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(attempt, range(24)))

    assert taken == 6
    assert FailedAttempts.objects.get().count == 6


def test_an_attempt_beside_one_that_was_counted_just_before_is_no_pause() -> None:
    # The clock was read by the first, and the second had the lock before it.
    counter = Counter(FailedAttempts.Scope.KEY_ADDRESS, "a", of_account(10, LOCK))
    later = NOON + timedelta(milliseconds=2)
    begin([counter], now=later)

    assert isinstance(begin([counter], now=NOON), SecretAttempt)
    [row] = FailedAttempts.objects.all()
    assert (row.count, row.last_at) == (2, later)


def test_a_superuser_unlocks_an_account(
    anna: User, clock: time_machine.Traveller, client: Client, admin_user: User
) -> None:
    fail(clock, times=10)
    client.force_login(admin_user)
    page = f"/admin/auth/user/{anna.pk}/change/"
    chosen = {"action": "unlock_log_in", "_selected_action": anna.pk}

    shown = client.get(page).text
    answer = client.post("/admin/auth/user/", chosen, follow=True)

    assert re.search(r"Locked until [^.]*12:39. Unlock it in the list of users", shown)
    assert "Unlocked the log-in of 1 user." in answer.text
    assert "Not locked" in client.get(page).text
    assert log_in(Client(), password=PASSWORD).status_code == 302


def test_a_person_is_informed_of_a_lock_once(
    anna: User, clock: time_machine.Traveller, inbox: list[Any]
) -> None:
    PersonLanguage.objects.create(user=anna, language="sv")
    fail(clock, times=9)
    look_after_log_ins()
    assert inbox == []

    fail(clock, times=1)
    look_after_log_ins()
    look_after_log_ins()

    [sent] = inbox
    assert sent["To"] == "anna@example.com"
    assert "4 maj 2026" in text_of(sent)
    assert "12:39" in text_of(sent)
    assert "Enheter där du har loggat in tidigare är inte låsta." in text_of(sent)


def test_a_mail_server_that_is_away_is_asked_again(
    anna: User, clock: time_machine.Traveller, inbox: list[Any], settings: Settings
) -> None:
    fail(clock, times=10)
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert send_lock_notices(now=NOON, lock=LOCK) == 0
    settings.EMAIL_PORT = there

    assert send_lock_notices(now=NOON, lock=LOCK) == 1
    assert len(inbox) == 1


def test_counts_are_deleted_after_a_day(anna: User, clock: time_machine.Traveller) -> None:
    log_in(Client())
    clock.shift(timedelta(hours=24) - timedelta(seconds=1))
    look_after_log_ins()
    assert FailedAttempts.objects.count() == 2

    clock.shift(timedelta(seconds=1))
    look_after_log_ins()

    assert FailedAttempts.objects.count() == 0


def test_wrong_keys_count_for_their_address(clock: time_machine.Traveller) -> None:
    right = api_with("inventory.view_source")

    def ask(address: str) -> Any:
        wrong = {"Authorization": "Bearer bok_wrong"}
        return Client().get("/api/v1/sources/", headers=wrong, REMOTE_ADDR=address)

    answers = [ask("127.0.0.1") for _number in range(23)]

    assert [answer.status_code for answer in answers] == [401] * 21 + [429] * 2
    assert answers[-1]["Retry-After"] == "5"
    assert answers[-1]["Content-Type"] == "application/problem+json"
    assert ask("192.0.2.9").status_code == 401
    # Other programs at the address go on.
    assert right.get("sources/")[0] == 200


def test_an_address_of_ipv6_counts_with_its_neighbors() -> None:
    first, second = network_of("2001:db8:1:2::1"), network_of("2001:db8:1:2:ffff::9")

    assert first == second
    assert network_of("2001:db8:1:3::1") != first
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    # All of IPv4 written as IPv6 has the same first bits.
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1")
    assert network_of("unix:") == "unix:"


@pytest.mark.parametrize(
    ("seen", "address"),
    [
        ("10.0.0.1, 192.0.2.1:4711", "192.0.2.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_is_read_as_proxies_write_it(
    anna: User, settings: Settings, seen: str, address: str
) -> None:
    settings.BEHIND_PROXY = True
    client = Client(HTTP_X_FORWARDED_FOR=seen, HTTP_X_FORWARDED_PROTO="https")

    assert log_in(client, password=PASSWORD).status_code == 302

    assert UserSession.objects.get().ip == address
