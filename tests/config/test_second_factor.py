"""The second factor: asked for at the log-in, set up where a role needs it, limited, removed."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import Group, Permission, User
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from config import environment
from config.last_visit import BEGUN
from config.log_in import secret_cipher
from config.log_in.devices import COOKIE
from config.log_in.second_factor import POWERFUL, needs_second_factor
from config.log_in.secret_cipher import UnreadableSecretError
from config.log_in.time_steps import take_code
from fulfillment.roles import ROLES

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"  # noqa: S105 - a test's.
SECRET = "JBSWY3DPEHPK3PXP"  # noqa: S105 - likewise.
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECOND_STEP = "/admin/login/second-step/"
FACTORS = "/admin/second-factor/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def anna() -> User:
    return User.objects.create_superuser("anna", "anna@example.com", PASSWORD)


def with_app(person: User) -> User:
    TOTP.activate(person, SECRET)
    return person


def code_now(secret: str = SECRET, *, steps: int = 0) -> str:
    """Return what an app shows now, or some half minutes later."""
    counter = int(datetime.now(tz=UTC).timestamp()) // 30 + steps
    return str(format_hotp_value(hotp_value(secret, counter)))


def first_step(client: Client, **fields: str) -> Any:
    return client.post("/admin/login/", {"username": "anna", "password": PASSWORD, **fields})


def is_in(client: Client) -> bool:
    return client.get("/admin/password_change/").status_code == 200


def test_a_password_alone_opens_nothing(client: Client, anna: User) -> None:
    with_app(anna)

    answer = first_step(client)

    assert answer.headers["Location"] == SECOND_STEP
    assert not is_in(client)
    refused = client.post(SECOND_STEP, {"code": "000000"})
    assert "The code is wrong. Enter the one that is shown now." in refused.text
    assert not is_in(client)


def test_the_code_of_the_app_logs_in_once(client: Client, anna: User) -> None:
    with_app(anna)
    first_step(client, next="/admin/orders/order/")

    answer = client.post(SECOND_STEP, {"code": code_now()})

    assert answer.headers["Location"] == "/admin/orders/order/"
    assert is_in(client)
    other = Client()
    first_step(other)
    other.post(SECOND_STEP, {"code": code_now()})
    assert not is_in(other)


def test_a_code_works_once_while_the_cache_is_away(client: Client, anna: User) -> None:
    with_app(anna)
    for number, person in enumerate((client, Client())):
        first_step(person)
        person.post(SECOND_STEP, {"code": code_now()})
        assert is_in(person) is (number == 0)
        cache.clear()
    earlier = Client()
    first_step(earlier)

    refused = earlier.post(SECOND_STEP, {"code": code_now(steps=-1)})

    assert "The code is wrong." in refused.text
    later = Client()
    first_step(later)
    later.post(SECOND_STEP, {"code": code_now(steps=1)})
    assert is_in(later)


def test_of_two_that_bring_a_code_at_once_one_comes_in(transactional_db: None) -> None:
    app = with_app(User.objects.create_superuser("anna")).authenticator_set.get()
    code = code_now()

    def bring(_number: int) -> bool:
        try:
            return take_code(app, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(bring, range(4))) == 1


def test_the_code_that_sets_an_app_up_does_not_log_in(client: Client, anna: User) -> None:
    first_step(client)
    secret = client.get(f"{FACTORS}app/").context["form"].secret
    client.post(f"{FACTORS}app/", {"code": code_now(secret)})
    cache.clear()
    other = Client()
    first_step(other)

    other.post(SECOND_STEP, {"code": code_now(secret)})

    assert not is_in(other)


def test_two_first_apps_at_once_are_one(transactional_db: None) -> None:
    anna = User.objects.create_superuser("anna", "anna@example.com", PASSWORD)
    clients = [Client(), Client()]
    codes = []
    for client in clients:
        client.force_login(anna)
        session = client.session
        session[BEGUN] = datetime.now(tz=UTC).isoformat()
        session.save()
        codes.append(code_now(client.get(f"{FACTORS}app/").context["form"].secret))

    def add(number: int) -> Any:
        try:
            return clients[number].post(f"{FACTORS}app/", {"code": codes[number]})["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(add, range(2)))

    assert answers == [FACTORS, f"{FACTORS}recovery-codes/"]
    assert sorted(Authenticator.objects.values_list("type", flat=True)) == [
        "recovery_codes",
        "totp",
    ]


def test_secrets_are_encrypted_with_a_new_key(
    client: Client, anna: User, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    first_step(client)
    set_up(client)
    file = client.get(f"{FACTORS}recovery-codes/file/").text.split()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key of the site"  # noqa: S105 - a test's.

    call_command("reencrypt_second_factors")

    assert "Encrypted 2 second factors with the present key." in capsys.readouterr().out
    settings.SECRET_KEY_FALLBACKS = []
    other = Client()
    first_step(other)
    other.post(SECOND_STEP, {"code": file[0]})
    assert is_in(other)


def test_a_secret_whose_key_is_gone_is_named(anna: User, settings: Settings) -> None:
    with_app(anna)
    kept = Authenticator.objects.get().data
    settings.SECRET_KEY = "quite another key of the site"  # noqa: S105 - a test's.

    with pytest.raises(CommandError, match=r"remove the second factors of: anna"):
        call_command("reencrypt_second_factors")

    assert Authenticator.objects.get().data == kept


def test_a_clock_may_be_half_a_minute_off(client: Client, anna: User) -> None:
    with_app(anna)
    first_step(client)
    client.post(SECOND_STEP, {"code": code_now(steps=2)})
    assert not is_in(client)

    client.post(SECOND_STEP, {"code": code_now(steps=1)})

    assert is_in(client)


def test_guesses_at_a_code_are_slowed_down(
    client: Client, anna: User, clock: time_machine.Traveller
) -> None:
    with_app(anna)
    first_step(client)
    statuses = [client.post(SECOND_STEP, {"code": "1"}).status_code for _number in range(7)]

    assert statuses == [200] * 6 + [429]
    refused = client.post(SECOND_STEP, {"code": code_now()})
    assert "Too many wrong attempts. Try again in 5 seconds." in refused.text
    clock.shift(timedelta(seconds=5))
    client.post(SECOND_STEP, {"code": code_now()})
    assert is_in(client)


def test_a_known_device_is_remembered_after_the_second_step(client: Client, anna: User) -> None:
    with_app(anna)
    first_step(client)
    assert COOKIE not in client.cookies

    client.post(SECOND_STEP, {"code": code_now()})

    assert client.cookies[COOKIE]["path"] == "/"
    assert SECOND_STEP.startswith("/admin/login/")


def test_what_was_entered_is_there_again_after_the_second_step(client: Client, anna: User) -> None:
    with_app(anna)
    shown = client.post(
        "/admin/auth/user/add/", {"username": "bert"}, headers={"Accept": "text/html"}
    )
    kept = re.search(r'name="kept_form" value="([^"]+)"', shown.text)
    assert kept

    answer = first_step(client, kept_form=kept[1])
    assert answer.headers["Location"] == SECOND_STEP
    answer = client.post(SECOND_STEP, {"code": code_now()}, follow=True)

    assert "Go on where you were" in answer.text
    assert 'value="bert"' in answer.text
    assert client.get("/admin/login/").status_code == 302


def set_up(client: Client) -> Any:
    page = client.get(f"{FACTORS}app/")
    secret = page.context["form"].secret
    return client.post(f"{FACTORS}app/", {"code": code_now(secret)}, follow=True)


def test_an_app_is_set_up_and_its_secret_is_not_readable(client: Client, anna: User) -> None:
    first_step(client)

    answer = set_up(client)

    assert answer.request["PATH_INFO"] == f"{FACTORS}recovery-codes/"
    assert len(re.findall(r"<code>\d{8}</code>", answer.text)) == 10
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret_cipher.decrypt(str(kept))
    file = client.get(f"{FACTORS}recovery-codes/file/").text.split()
    assert len(file) == 10
    other = Client()
    first_step(other)
    other.post(SECOND_STEP, {"code": file[0]})
    assert is_in(other)
    again = Client()
    first_step(again)
    again.post(SECOND_STEP, {"code": file[0]})
    assert not is_in(again)


def test_a_secret_is_read_with_a_former_key(client: Client, anna: User, settings: Settings) -> None:
    with_app(anna)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key of the site"  # noqa: S105 - a test's.
    first_step(client)

    client.post(SECOND_STEP, {"code": code_now()})

    assert is_in(client)


def test_a_kept_secret_that_was_changed_is_not_read() -> None:
    kept = secret_cipher.encrypt(SECRET)
    middle = len(kept) // 2
    changed = f"{kept[:middle]}{'A' if kept[middle] != 'A' else 'B'}{kept[middle + 1 :]}"

    assert secret_cipher.decrypt(kept) == SECRET
    assert secret_cipher.encrypt(SECRET) != kept
    for wrong in (changed, kept[:-4], "", "no base 64", "ö"):
        with pytest.raises(UnreadableSecretError):
            secret_cipher.decrypt(wrong)


def test_sessions_that_began_without_it_end(
    client: Client, anna: User, django_capture_on_commit_callbacks: Any
) -> None:
    other = Client()
    first_step(other)
    assert is_in(other)
    first_step(client)

    with django_capture_on_commit_callbacks(execute=True):
        set_up(client)

    assert is_in(client)
    assert not is_in(other)


def test_who_changes_the_log_in_enters_the_password_again(
    client: Client, anna: User, clock: time_machine.Traveller
) -> None:
    first_step(client)
    clock.shift(timedelta(minutes=6))

    answer = client.get(f"{FACTORS}app/", follow=True)

    address = f"{FACTORS}again/password/?next={FACTORS.replace('/', '%2F')}app%2F"
    assert answer.redirect_chain == [(address, 302)]
    wrong = client.post(address, {"password": "wrong"})
    assert wrong.status_code == 200
    answer = client.post(address, {"password": PASSWORD, "next": f"{FACTORS}app/"})
    assert answer.headers["Location"] == f"{FACTORS}app/"


def test_it_is_removed_by_its_person(client: Client, anna: User) -> None:
    first_step(client)
    set_up(client)

    client.post(f"{FACTORS}app/remove/")

    assert not Authenticator.objects.exists()


def test_the_last_one_stays_where_it_is_needed(
    client: Client, anna: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_FOR = ["everybody"]
    first_step(client)
    set_up(client)

    answer = client.post(f"{FACTORS}app/remove/")

    assert "You need a second factor. Add another one" in answer.text
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_person_without_one_that_is_needed_is_led_to_it(
    client: Client, anna: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_FOR = ["powers"]
    first_step(client)

    led = client.get("/admin/orders/order/", follow=True)

    assert led.redirect_chain == [(FACTORS, 302)]
    assert "Your role needs a second factor. Set one up to go on." in led.text
    assert client.post("/admin/auth/user/add/", {"username": "bert"}).status_code == 302
    assert not User.objects.filter(username="bert").exists()
    set_up(client)
    assert client.get("/admin/orders/order/").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "needing"),
    [
        (["nobody"], []),
        (["everybody"], ["Merchant", "Fulfillment", "Operations", "Viewer"]),
        (["powers"], ["Fulfillment", "Operations"]),
        (["powers", "Merchant"], ["Merchant", "Fulfillment", "Operations"]),
        (["Viewer"], ["Viewer"]),
    ],
)
def test_it_is_needed_by_role(settings: Settings, wanted: list[str], needing: list[str]) -> None:
    settings.SECOND_FACTOR_FOR = wanted
    found = []
    for role in ROLES:
        person = User.objects.create(username=role, is_staff=True)
        person.groups.add(Group.objects.get(name=role))
        if needs_second_factor(person):
            found.append(role)

    assert found == needing


@pytest.mark.parametrize("name", POWERFUL)
def test_each_power_alone_needs_it(settings: Settings, name: str) -> None:
    settings.SECOND_FACTOR_FOR = ["powers"]
    person = User.objects.create(username="clerk", is_staff=True)
    app, _dot, codename = name.partition(".")
    assert not needs_second_factor(person)

    person.user_permissions.add(
        Permission.objects.get(content_type__app_label=app, codename=codename)
    )

    assert needs_second_factor(User.objects.get(pk=person.pk))


@pytest.mark.parametrize(
    "credential",
    [
        *("0", "false", "[]", '"x"', "{}", "no JSON", "[" * 5_000, "9" * 5_000, ""),
        '{"id": "AAAA", "response": {}}',
        '{"id": "AAAA", "rawId": "A", "type": "public-key", "response": {"clientDataJSON": "!"}}',
    ],
)
def test_what_no_browser_answers_is_refused(client: Client, anna: User, credential: str) -> None:
    first_step(client)
    added = client.post(f"{FACTORS}passkeys/", {"name": "Mine", "credential": credential})
    assert added.status_code == 200
    assert not Authenticator.objects.exists()

    set_up(client)
    again = client.post(f"{FACTORS}again/passkey/", {"credential": credential})
    other = Client()
    first_step(other)
    stepped = other.post(SECOND_STEP, {"credential": credential})

    assert (again.status_code, stepped.status_code) == (302, 200)
    assert not is_in(other)


def test_without_the_key_no_code_is_right_and_the_page_goes_on(
    client: Client, anna: User, settings: Settings
) -> None:
    first_step(client)
    set_up(client)
    settings.SECRET_KEY = "quite another key of the site"  # noqa: S105 - a test's.
    settings.SECRET_KEY_FALLBACKS = []
    other = Client()
    first_step(other)

    refused = other.post(SECOND_STEP, {"code": code_now()})

    assert "The code is wrong." in refused.text
    Authenticator.objects.create(user=anna, type="webauthn", data={"name": "Mine"})
    other.force_login(anna)
    assert "0 codes are left." in other.get(FACTORS).text
    offered = other.get(f"{FACTORS}recovery-codes/", follow=True)
    assert "The former codes are not accepted any more." in offered.text
    file = other.get(f"{FACTORS}recovery-codes/file/", follow=True)
    assert "The recovery codes cannot be read any more. Make new ones." in file.text


def test_another_person_does_not_go_on_as_who_is_logged_in(client: Client, anna: User) -> None:
    with_app(anna)
    bert = User.objects.create_superuser("bert")
    client.force_login(bert)

    answer = first_step(client)

    assert answer.headers["Location"] == SECOND_STEP
    assert not is_in(client)
    client.post(SECOND_STEP, {"code": code_now()})
    assert client.get("/admin/password_change/").context["user"] == anna


def test_what_one_person_entered_is_not_shown_to_another(client: Client, anna: User) -> None:
    with_app(anna)
    User.objects.create_superuser("bert", password=PASSWORD)
    shown = client.post(
        "/admin/auth/user/add/", {"username": "carl"}, headers={"Accept": "text/html"}
    )
    kept = re.search(r'name="kept_form" value="([^"]+)"', shown.text)
    assert kept
    first_step(client, kept_form=kept[1])

    client.post("/admin/login/", {"username": "bert", "password": PASSWORD})

    assert client.get("/admin/login/").headers["Location"] == "/admin/"


def test_a_new_password_ends_a_log_in_between_its_steps(client: Client, anna: User) -> None:
    with_app(anna)
    first_step(client)
    anna.set_password("another horse battery")
    anna.save()

    answer = client.post(SECOND_STEP, {"code": code_now()})

    assert answer.headers["Location"] == "/admin/login/"
    assert not is_in(client)


def test_codes_of_second_factors_are_not_kept(client: Client, anna: User) -> None:
    answer = client.post(
        f"{FACTORS}again/code/", {"code": "12345678"}, headers={"Accept": "text/html"}
    )

    assert answer.status_code == 302
    assert "12345678" not in answer.text


def test_guesses_keep_nobody_out_on_a_known_device(client: Client, anna: User) -> None:
    with_app(anna)
    first_step(client)
    client.post(SECOND_STEP, {"code": code_now(steps=-1)})
    client.post("/admin/logout/")
    stranger = Client()
    first_step(stranger)
    for _number in range(7):
        stranger.post(SECOND_STEP, {"code": "1"})

    first_step(client)
    client.post(SECOND_STEP, {"code": code_now()})

    assert is_in(client)


def test_an_app_is_set_up_once(client: Client, anna: User) -> None:
    first_step(client)
    set_up(client)

    answer = client.get(f"{FACTORS}app/")

    assert answer.headers["Location"] == FACTORS


@pytest.mark.parametrize("value", ["somebody", "nobody,Viewer", "everybody,powers"])
def test_a_setting_that_means_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SECOND_FACTOR_FOR", value)

    with pytest.raises(ImproperlyConfigured, match="nobody, everybody, or of powers, Merchant"):
        environment.second_factor_for("SECOND_FACTOR_FOR", "nobody")


def test_the_setting_knows_all_roles() -> None:
    assert tuple(ROLES) == environment.ROLES


def test_a_superuser_removes_what_is_lost(client: Client, admin_client: Client, anna: User) -> None:
    with_app(anna)
    first_step(client)
    client.post(SECOND_STEP, {"code": code_now()})

    admin_client.post(
        "/admin/auth/user/",
        {"action": "remove_second_factors", "_selected_action": [anna.pk]},
    )

    assert not Authenticator.objects.exists()
    assert not is_in(client)


def test_nobody_else_removes_it(client: Client, anna: User) -> None:
    with_app(anna)
    clerk = User.objects.create(username="clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=("view_user", "change_user")))
    client.force_login(clerk)

    answer = client.post(
        "/admin/auth/user/",
        {"action": "remove_second_factors", "_selected_action": [anna.pk]},
    )

    assert answer.status_code != 403
    assert Authenticator.objects.exists()


def test_the_command_removes_it(anna: User) -> None:
    with_app(anna)

    call_command("remove_second_factors", "anna")

    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match=r"“anna” has no second factor\."):
        call_command("remove_second_factors", "anna")
    with pytest.raises(CommandError, match=r"There is no user named “bert”\."):
        call_command("remove_second_factors", "bert")
