"""Sessions end by themselves, by their person, and with the password."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from config.log_in.browsers import browser_of, system_of
from core.tasks import look_after_log_ins

pytestmark = pytest.mark.django_db
PAGE = "/admin/sessions/"
HOME = "/admin/password_change/"
PASSWORD = "correct horse battery"  # noqa: S105 - a test's.
NEW = "another horse battery"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def anna() -> User:
    return User.objects.create_superuser("anna", "anna@example.com", PASSWORD)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def logged_in(*, agent: str = FIREFOX, address: str = "192.0.2.1") -> Client:
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    answer = client.post("/admin/login/", {"username": "anna", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def test_a_session_ends_after_an_hour_without_a_page(
    anna: User, clock: time_machine.Traveller
) -> None:
    client = logged_in()
    for _number in range(3):
        clock.shift(timedelta(minutes=59))
        assert is_in(client)

    clock.shift(timedelta(minutes=60))

    assert not is_in(client)


def test_scripts_of_an_open_page_keep_no_session(anna: User, clock: time_machine.Traveller) -> None:
    client = logged_in()
    for _number in range(2):
        clock.shift(timedelta(minutes=29))
        assert client.get(HOME, headers={"Sec-Fetch-Mode": "cors"}).status_code == 200

    clock.shift(timedelta(minutes=2))

    assert not is_in(client)


def test_who_scans_for_an_hour_stays_in(anna: User, clock: time_machine.Traveller) -> None:
    client = logged_in()
    for _number in range(3):
        clock.shift(timedelta(minutes=29))
        client.post(HOME, headers={"Sec-Fetch-Mode": "cors"})

    assert is_in(client)


def test_a_session_ends_twelve_hours_after_the_log_in(
    anna: User, clock: time_machine.Traveller
) -> None:
    client = logged_in()
    for _number in range(14):
        clock.shift(timedelta(minutes=51))
        assert is_in(client)

    clock.move_to(NOON + timedelta(hours=12) - timedelta(seconds=1))
    assert is_in(client)
    clock.shift(timedelta(seconds=1))

    assert not is_in(client)
    assert UserSession.objects.count() == 1
    look_after_log_ins()
    assert UserSession.objects.count() == 0


def test_the_times_are_settings(
    anna: User, clock: time_machine.Traveller, settings: Settings
) -> None:
    settings.SESSION_COOKIE_AGE, settings.SESSION_MAX_HOURS = 24 * 3600, 20
    client = logged_in()

    clock.shift(timedelta(hours=19))
    assert is_in(client)
    clock.shift(timedelta(hours=1))

    assert not is_in(client)


def test_a_person_sees_sessions_and_ends_one_from_another(
    anna: User, clock: time_machine.Traveller
) -> None:
    desk = logged_in()
    clock.shift(timedelta(minutes=4))
    phone = logged_in(agent=IPHONE, address="198.51.100.7")
    bo = Client()
    bo.force_login(User.objects.create_superuser("bo"))

    shown = desk.get(PAGE)
    entries = [
        (one["device"], one["address"], f"{one['begun_at']:%H:%M}", one["is_current"])
        for one in shown.context["sessions"]
    ]
    [other] = [one["pk"] for one in shown.context["sessions"] if not one["is_current"]]
    foreign = bo.post(PAGE, {"session": other}, follow=True)
    assert is_in(phone)
    ended = desk.post(PAGE, {"session": other}, follow=True)

    assert entries == [
        ("Firefox on Linux", "192.0.2.1", "12:00", True),
        ("Safari on iPhone", "198.51.100.7", "12:04", False),
    ]
    assert "Ended 0 sessions." in foreign.text
    assert "Ended 1 session." in ended.text
    assert len(ended.context["sessions"]) == 1
    assert not is_in(phone)
    assert is_in(desk)
    assert is_in(bo)


def test_a_person_ends_all_other_sessions(anna: User) -> None:
    desk, others = logged_in(), [logged_in(), logged_in()]

    nothing = desk.post(PAGE, {"session": "x"}, follow=True)
    assert "Ended 0 sessions." in nothing.text
    ended = desk.post(PAGE, follow=True)

    assert "Ended 2 sessions." in ended.text
    assert [is_in(client) for client in (desk, *others)] == [True, False, False]


def test_a_new_password_ends_the_others_and_keeps_this_one(
    anna: User, clock: time_machine.Traveller
) -> None:
    desk, other = logged_in(), logged_in(agent=IPHONE)
    before = str(desk.session.session_key)
    clock.shift(timedelta(minutes=2))
    change = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

    assert desk.post(HOME, {**change, "old_password": "wrong"}).status_code == 200
    assert is_in(other)
    assert desk.post(HOME, change).status_code == 302

    assert Session.objects.count() == UserSession.objects.count() == 1
    assert not is_in(other)
    assert str(desk.session.session_key) != before
    [entry] = desk.get(PAGE).context["sessions"]
    assert (entry["device"], f"{entry['begun_at']:%H:%M}", entry["is_current"]) == (
        "Firefox on Linux",
        "12:00",
        True,
    )


def test_a_password_that_somebody_else_sets_ends_all(anna: User, admin_client: Client) -> None:
    client = logged_in()
    page = f"/admin/auth/user/{anna.pk}/password/"

    assert (
        admin_client.post(page, {"password1": NEW, "password2": NEW, "usable_password": "true"})
    ).status_code == 302

    assert not is_in(client)


def test_own_password_set_under_users_keeps_this_session_and_ends_the_others(
    anna: User, clock: time_machine.Traveller
) -> None:
    desk, other = logged_in(), logged_in(agent=IPHONE)
    clock.shift(timedelta(seconds=5))
    page = f"/admin/auth/user/{anna.pk}/password/"

    desk.post(page, {"password1": NEW, "password2": NEW, "usable_password": "true"})

    [left] = UserSession.objects.all()
    assert (left.session_key, left.created_at) == (desk.session.session_key, NOON)
    assert is_in(desk)
    assert not is_in(other)


def test_a_password_that_stays_ends_nothing(anna: User, admin_client: Client) -> None:
    client = logged_in()
    page = f"/admin/auth/user/{anna.pk}/password/"

    # Without the button that takes the password away, which Django then refuses.
    answer = admin_client.post(page, {"usable_password": "false"})

    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    assert is_in(client)
    assert UserSession.objects.filter(user=anna).count() == 1


def test_a_log_in_over_the_session_of_another_person_goes_on(
    anna: User, clock: time_machine.Traveller
) -> None:
    client = logged_in()
    bo = User.objects.create_superuser("bo", "bo@example.com", NEW)
    User.objects.filter(pk=anna.pk).update(is_active=False)

    answer = client.post("/admin/login/", {"username": "bo", "password": NEW})
    assert answer.status_code == 302
    clock.shift(timedelta(minutes=2))

    assert is_in(client)
    [session] = UserSession.objects.filter(user=bo)
    assert (session.session_key, session.created_at) == (client.session.session_key, NOON)
    assert session.last_seen_at == NOON + timedelta(minutes=2)


def test_where_a_session_was_last_is_noted_each_minute(
    anna: User, clock: time_machine.Traveller
) -> None:
    client = logged_in()
    for seconds, address in ((59, "203.0.113.1"), (1, "203.0.113.2")):
        clock.shift(timedelta(seconds=seconds))
        client.get(HOME, REMOTE_ADDR=address)
        [session] = UserSession.objects.all()
        assert session.ip == ("192.0.2.1" if seconds == 59 else "203.0.113.2")
    client.get(HOME, REMOTE_ADDR="")
    clock.shift(timedelta(minutes=1))
    assert client.get(HOME, REMOTE_ADDR="").status_code == 200


def test_ended_sessions_are_deleted(anna: User, clock: time_machine.Traveller) -> None:
    logged_in()
    clock.shift(timedelta(minutes=30))
    logged_in(agent=IPHONE)
    clock.shift(timedelta(minutes=30, seconds=1))

    look_after_log_ins()

    assert Session.objects.count() == 1
    [left] = UserSession.objects.all()
    assert left.user_agent == IPHONE


def test_a_log_out_ends_the_session_in_the_list(anna: User) -> None:
    first, second = logged_in(), logged_in()
    second.post("/admin/logout/")

    assert len(first.get(PAGE).context["sessions"]) == 1


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (FIREFOX, "Firefox", "Linux"),
        (IPHONE, "Safari", "iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge", "Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome", "Android"),
        ("curl/8.0", "", ""),
    ],
)
def test_browsers_are_called_what_people_call_them(agent: str, browser: str, system: str) -> None:
    assert (browser_of(agent), system_of(agent)) == (browser, system)
