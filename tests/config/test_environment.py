"""Each wrong value of the environment is one sentence that names its variable."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment

ROOT = Path(__file__).resolve().parents[2]
LONG_SECRET = "IeShahd4uu3aeR9oXohxoo7eighai7Ohf6quai2ahW0eephu5b"  # noqa: S105
URLS = {
    "DATABASE_URL": "postgres://unused:unused@127.0.0.1:1/unused",
    "REDIS_URL": "redis://:unused@127.0.0.1:1/0",
}


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("Yes", True), ("off", False), ("FALSE", False)]
)
def test_a_yes_or_no_is_read(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("DEBUG", value)

    assert environment.yes_no("DEBUG", default=not expected) is expected


def test_an_empty_variable_takes_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "")

    assert environment.yes_no("A", default=True) is True
    assert environment.whole("A", 7) == 7
    assert environment.choice("A", "local", ("local", "production")) == "local"
    assert environment.words("A") == []
    assert environment.time_zone("A", "UTC") == "UTC"


def test_a_missing_variable_takes_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A", raising=False)

    assert environment.text("A", "orders@example.com") == "orders@example.com"
    assert environment.yes_no("A", default=True) is True
    assert environment.whole("A", 7) == 7
    assert environment.words("A") == []


@pytest.mark.parametrize(
    ("value", "read", "expected"),
    [
        ("7", lambda: environment.whole("A", 1), 7),
        ("on", lambda: environment.yes_no("A", default=False), True),
        ("Europe/Stockholm", lambda: environment.time_zone("A", "UTC"), "Europe/Stockholm"),
        ("JPY", lambda: environment.currency("A", "USD"), "JPY"),
    ],
)
def test_a_variable_may_name_another(
    monkeypatch: pytest.MonkeyPatch, value: str, read: Callable[..., Any], expected: int | str
) -> None:
    monkeypatch.setenv("A", "$B")
    monkeypatch.setenv("B", value)

    assert read() == expected


def test_words_are_split_at_commas_and_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, b.example,, ,")

    assert environment.words("ALLOWED_HOSTS") == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (
            lambda: environment.yes_no("A", default=True),
            "maybe",
            "A is “maybe”; it should be yes or no.",
        ),
        (lambda: environment.whole("A", 1), "ten", "A is “ten”; it should be a whole number."),
        (lambda: environment.whole("A", 1, minimum=1), "0", "A is 0; it should be 1 or more."),
        (
            lambda: environment.whole("A", 1, maximum=65535),
            "65536",
            "A is 65536; it should be 65535 or less.",
        ),
        (
            lambda: environment.choice("A", "local", ("local", "production")),
            "staging",
            "A is “staging”; it should be local or production.",
        ),
        (
            lambda: environment.time_zone("A", "UTC"),
            "Europe/Atlantis",
            "A is “Europe/Atlantis”; it should be a time zone such as Europe/Stockholm.",
        ),
        (
            lambda: environment.time_zone("A", "UTC"),
            "Europe",
            "A is “Europe”; it should be a time zone such as Europe/Stockholm.",
        ),
        (
            lambda: environment.currency("A", "USD"),
            "kr",
            "A is “kr”; it should be a code of ISO 4217 such as SEK.",
        ),
        (
            lambda: environment.database("postgres://root:secret@127.0.0.1:http/shop"),
            "",
            "DATABASE_URL names no PostgreSQL; it should be postgres://USER:PASSWORD@HOST/NAME.",
        ),
        (
            lambda: environment.database("mysql://root@127.0.0.1/shop"),
            "",
            "DATABASE_URL names no PostgreSQL; it should be postgres://USER:PASSWORD@HOST/NAME.",
        ),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, read: Callable[..., Any], value: str, sentence: str
) -> None:
    monkeypatch.setenv("A", value)

    with pytest.raises(ImproperlyConfigured) as refusal:
        read()

    assert str(refusal.value) == sentence


def test_production_refuses_to_start_with_development_settings() -> None:
    checked = check(ENVIRONMENT="production", DEBUG="yes", ALLOWED_HOSTS="*")

    assert checked.returncode == 1
    assert checked.stderr.strip().splitlines()[-1] == (
        "This would be insecure: "
        "SECRET_KEY must be a secret of its own of at least 50 random characters. "
        "DEBUG must be off. "
        "ALLOWED_HOSTS must name the site's hosts, without * and without all hosts below a shared "
        "domain such as .com or .github.io. "
        "DATABASE_URL must be set. REDIS_URL must be set."
    )


def test_production_starts_with_settings_of_its_own() -> None:
    checked = check(
        ENVIRONMENT="production", SECRET_KEY=LONG_SECRET, ALLOWED_HOSTS="shop.example", **URLS
    )

    assert checked.returncode == 0, checked.stderr


def test_the_language_of_the_site_is_one_of_the_products() -> None:
    refused = check(SITE_LANGUAGE="de")

    assert refused.returncode != 0
    assert "SITE_LANGUAGE is “de”; it should be en or sv or fr." in refused.stderr
    assert check(SITE_LANGUAGE="sv").returncode == 0


def check(**variables: Any) -> Any:
    empty = dict.fromkeys(("SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", *URLS), "")
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, **empty, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("postgres://a:b@db.example.com/d", "db.example.com"),
        ("postgres://a@%2Frun%2Fpostgresql/d", "/run/postgresql"),
        ("postgres:///d", ""),
    ],
)
def test_a_database_is_reached_by_name_or_by_the_folder_of_its_socket(url: str, host: str) -> None:
    assert environment.database(url)["HOST"] == host
