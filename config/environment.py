"""Reads the environment: each value checked, each mistake one sentence that names its variable."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
Value = TypeVar("Value")

SECRET_KEY_LENGTH = 50
# None, or the mail provider whose reports are taken.
WEBHOOK_PROVIDERS = ("", "brevo", "mailgun", "mailjet", "postmark", "sparkpost")
WEBHOOK_SECRET_LENGTH = 20
WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+/?")
CURRENCY = re.compile(r"[A-Z]{3}\Z")
YES_OR_NO = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


def read_file(path: Path) -> None:
    """Take variables from ``path`` where the environment does not have them already."""
    if path.exists():
        env.read_env(str(path))


def _read(name: str, cast: Callable[[str], Value], default: Value, *, expected: str) -> Value:
    """Return what ``cast`` makes of a variable, ``default`` where it is missing or empty."""
    try:
        value: Value | None = env.get_value(name, cast=cast, default=None)
    except (LookupError, OSError, ValueError) as error:
        raise ImproperlyConfigured(
            f"{name} is “{env.str(name)}”; it should be {expected}."
        ) from error
    return default if value is None else value


def text(name: str, default: str = "") -> str:
    """Return a text, ``default`` where the variable is missing or empty."""
    return env.str(name, default=None) or default


def yes_no(name: str, *, default: bool) -> bool:
    """Return a yes or no.

    :raises ImproperlyConfigured: unless it is one of 1, 0, true, false, yes, no, on, off.
    """
    return _read(name, lambda value: YES_OR_NO[str(value).lower()], default, expected="yes or no")


def whole(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    """Return a whole number.

    :raises ImproperlyConfigured: if it is none, below ``minimum`` or above ``maximum``.
    """
    number = _read(name, int, default, expected="a whole number")
    if number < minimum:
        raise ImproperlyConfigured(f"{name} is {number}; it should be {minimum} or more.")
    if maximum is not None and number > maximum:
        raise ImproperlyConfigured(f"{name} is {number}; it should be {maximum} or less.")
    return number


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return one of ``choices``.

    :raises ImproperlyConfigured: if it is none of them.
    """
    expected = " or ".join(choices)
    return _read(name, lambda value: choices[choices.index(value)], default, expected=expected)


def words(name: str) -> list[str]:
    """Return a list written with commas."""
    return [word for word in env.list(name, cast=str.strip, default=[]) if word]


def time_zone(name: str, default: str) -> str:
    """Return the name of a time zone.

    :raises ImproperlyConfigured: if there is no such zone.
    """
    expected = "a time zone such as Europe/Stockholm"
    return _read(name, lambda value: ZoneInfo(value).key, default, expected=expected)


def currency(name: str, default: str) -> str:
    """Return the code of a currency.

    :raises ImproperlyConfigured: for what is no three capital letters.
    """
    return _read(name, _currency, default, expected="a code of ISO 4217 such as SEK")


def _currency(value: str) -> str:
    if not CURRENCY.match(value):
        raise ValueError(value)
    return value


def web_address(name: str) -> str:
    """Return where a site is found, without a slash at its end; empty where it is not said.

    :raises ImproperlyConfigured: for what is no http or https address of a host.
    """
    expected = "an address such as https://shop.example.com"
    return _read(name, _web_address, "", expected=expected)


def _web_address(value: str) -> str:
    if value and not WEB_ADDRESS.fullmatch(value):
        raise ValueError(value)
    return value.rstrip("/")


def check_webhook(provider: str, secret: str, signing_key: str) -> None:
    """Make sure that the reports of a mail provider are not taken from everybody.

    :raises ImproperlyConfigured: if a provider is named without what protects its reports.
    """
    if not provider:
        return
    if ":" not in secret or len(secret) < WEBHOOK_SECRET_LENGTH:
        raise ImproperlyConfigured(
            "EMAIL_WEBHOOK_SECRET must be a user name, a colon and a password, of at least "
            f"{WEBHOOK_SECRET_LENGTH} characters, while EMAIL_WEBHOOK_PROVIDER is set."
        )
    if provider == "mailgun" and not signing_key:
        raise ImproperlyConfigured(
            "EMAIL_WEBHOOK_SIGNING_KEY must be the key with which Mailgun signs its reports."
        )


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL URL.

    :raises ImproperlyConfigured: for anything else, without the password in the message.
    """
    try:
        settings = env.db_url_config(url)
    except ValueError:
        settings = {}
    if settings.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL names no PostgreSQL; it should be postgres://USER:PASSWORD@HOST/NAME."
        )
    return {**settings, "ENGINE": "core.postgresql"}


def insecurities(
    *,
    secret_key: str,
    is_debug: bool,
    shows_logins: bool,
    allowed_hosts: list[str],
    given: dict[str, str],
) -> list[str]:
    """Return, in sentences, what must not be so in production."""
    found = []
    if len(secret_key) < SECRET_KEY_LENGTH or secret_key.startswith("insecure"):
        found.append(
            f"SECRET_KEY must be a secret of its own of at least {SECRET_KEY_LENGTH} characters."
        )
    if is_debug:
        found.append("DEBUG must be off.")
    if shows_logins:
        found.append("DEMO_LOGINS must be off: it shows the passwords of users.")
    if not allowed_hosts or "*" in allowed_hosts:
        found.append("ALLOWED_HOSTS must name the site's hosts, without *.")
    found += [f"{name} must be set." for name, value in given.items() if not value]
    return found
