"""Passwords that people choose, and secrets that the program makes."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from config.log_in.devices import COOKIE, SALT
from core.kept_form import INPUT_NAME, KeptForm
from core.operations.api_keys import issue_key

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"  # noqa: S105 - a test's.
LONG = "  åäö É 漢字 😀 " + "no rule asks for a digit " * 4


@pytest.fixture
def anna() -> User:
    return User.objects.create_superuser("anna", "anna@example.com", PASSWORD)


def log_in(password: str, client: Client | None = None) -> Any:
    return (client or Client()).post("/admin/login/", {"username": "anna", "password": password})


def codes_of(password: str, person: User) -> list[str | None]:
    """Return why a password is refused."""
    try:
        validate_password(password, person)
    except ValidationError as refused:
        return [error.code for error in refused.error_list]
    return []


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("seven77", "password_too_short"),
        ("sunshine", "password_too_common"),
        ("iloveyou1", "password_too_common"),
        ("anna@example.com", "password_too_similar"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(anna: User, password: str, code: str) -> None:
    assert code in codes_of(password, anna)


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("backorder1", False),
        ("MyShopBackOffice1", False),
        ("MyShop-2026", False),
        ("Backorder2026!", False),
        ("backorders of the north", True),
        ("one more example", True),
        ("48151623421", True),
    ],
)
def test_words_of_the_site_are_no_password(
    settings: Any, anna: User, password: str, is_taken: bool
) -> None:
    settings.ALLOWED_HOSTS = ["myshop.example.com"]

    assert codes_of(password, anna) == ([] if is_taken else ["password_of_site_words"])


def test_a_long_password_of_any_characters_counts_whole(anna: User) -> None:
    assert len(LONG) > 100
    client = Client()
    log_in(PASSWORD, client)
    changed = client.post(
        "/admin/password_change/",
        {"old_password": PASSWORD, "new_password1": LONG, "new_password2": LONG},
    )

    assert changed.status_code == 302
    assert [log_in(LONG).status_code, log_in(LONG[:-1]).status_code] == [302, 200]
    assert log_in(LONG.strip()).status_code != 302
    assert log_in(LONG.lower()).status_code != 302


def test_a_password_does_not_end_by_itself(anna: User) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=2000)):
        client = Client()
        log_in(PASSWORD, client)

        assert client.get("/admin/password_change/").status_code == 200


def test_programs_that_keep_passwords_may_fill_them_in(client: Client) -> None:
    page = client.get("/admin/login/").text

    field = page[page.index('name="password"') - 200 :][:500]
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    assert "onpaste" not in page


def test_passwords_are_kept_as_slow_hashes(settings: Any, anna: User) -> None:
    from_django = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    settings.PASSWORD_HASHERS = from_django
    anna.set_password(PASSWORD)

    facts = identify_hasher(anna.password).decode(anna.password)
    assert facts["algorithm"] == "pbkdf2_sha256"
    assert facts["iterations"] >= 600_000


def test_a_new_site_has_no_account() -> None:
    assert User.objects.count() == 0


def test_a_log_in_has_a_session_of_its_own(anna: User) -> None:
    client = Client()
    log_in(PASSWORD, client)
    first = client.session.session_key
    log_in(PASSWORD, client)
    second = client.session.session_key

    assert None not in {first, second}
    assert first != second
    # 32 of 36 characters: more than 160 bits.
    assert {len(str(key)) for key in (first, second)} == {32}
    old = Client()
    old.cookies["sessionid"] = str(first)
    assert old.get("/admin/password_change/").status_code == 302


def test_an_account_that_is_switched_off_opens_nothing(anna: User) -> None:
    client = Client()
    log_in(PASSWORD, client)
    assert client.get("/admin/password_change/").status_code == 200

    User.objects.filter(pk=anna.pk).update(is_active=False)

    assert client.get("/admin/password_change/").status_code == 302


def test_secrets_are_long_and_never_the_same(anna: User) -> None:
    now = timezone.now()
    keys = {issue_key(anna.pk, name=f"key {number}", now=now)[1] for number in range(3)}
    apps = {generate_totp_secret() for _number in range(3)}
    codes = RecoveryCodes.activate(anna).generate_codes()

    assert (len(keys), len(apps), len(set(codes))) == (3, 3, 10)
    # 43 of 64 characters are 256 bits, 32 of 32 characters 160, 8 digits 26.
    assert min(map(len, keys)) >= 43
    assert min(map(len, apps)) >= 32
    assert min(map(len, codes)) >= 8


def test_a_signed_text_is_for_one_purpose(anna: User) -> None:
    client = Client()
    log_in(PASSWORD, client)
    mark = client.cookies[COOKIE].value
    assert signing.loads(mark, salt=SALT)

    assert KeptForm.read(mark) is None
    assert KeptForm.read(signing.dumps(["/admin/", "", {}], salt=INPUT_NAME)) is not None
    with pytest.raises(signing.BadSignature):
        signing.loads(mark, salt=INPUT_NAME)
