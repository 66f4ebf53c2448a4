"""Reads the environment: each value checked, each mistake one sentence that names its variable."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

SECRET_KEY_LENGTH = 50


def read_file(path: Path) -> None:
    """Take variables from ``path`` where the environment does not have them already."""
    if path.exists():
        env.read_env(str(path))


def _checked(name: str, read: Callable[[], Any], expected: str) -> Any:
    try:
        return read()
    except (ValueError, TypeError, environ.ImproperlyConfigured) as error:
        raise ImproperlyConfigured(
            f"{name} is “{env.str(name, default='')}”; it should be {expected}."
        ) from error


def text(name: str, default: str = "") -> str:
    """Return a text, ``default`` where the variable is missing or empty."""
    return env.str(name, default="") or default


def yes_no(name: str, *, default: bool) -> bool:
    """Return a yes or no.

    :raises ImproperlyConfigured: unless it is one of 1, 0, true, false, yes, no, on, off.
    """
    answer = text(name).lower()
    if answer in {"1", "true", "yes", "on"}:
        return True
    if answer in {"0", "false", "no", "off"}:
        return False
    if answer == "":
        return default
    raise ImproperlyConfigured(f"{name} is “{answer}”; it should be yes or no.")


def whole(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    """Return a whole number.

    :raises ImproperlyConfigured: if it is none, below ``minimum`` or above ``maximum``.
    """
    if not text(name):
        return default
    number: int = _checked(name, lambda: int(text(name)), "a whole number")
    if number < minimum:
        raise ImproperlyConfigured(f"{name} is {number}; it should be {minimum} or more.")
    if maximum is not None and number > maximum:
        raise ImproperlyConfigured(f"{name} is {number}; it should be {maximum} or less.")
    return number


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return one of ``choices``.

    :raises ImproperlyConfigured: if it is none of them.
    """
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is “{value}”; it should be {' or '.join(choices)}.")
    return value


def words(name: str) -> list[str]:
    """Return a list written with commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def time_zone(name: str, default: str) -> str:
    """Return the name of a time zone.

    :raises ImproperlyConfigured: if there is no such zone.
    """
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ImproperlyConfigured(
            f"{name} is “{value}”; it should be a time zone such as Europe/Stockholm."
        ) from error
    return value


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL URL.

    :raises ImproperlyConfigured: for any other kind of database.
    """
    settings = _checked(
        "DATABASE_URL", lambda: environ.Env.db_url_config(url), "postgres://USER:PASSWORD@HOST/NAME"
    )
    if settings.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL names no PostgreSQL; it should be postgres://USER:PASSWORD@HOST/NAME."
        )
    return {**settings, "ENGINE": "core.postgresql"}


def insecurities(
    *, secret_key: str, is_debug: bool, allowed_hosts: list[str], given: dict[str, str]
) -> list[str]:
    """Return, in sentences, what must not be so in production."""
    found = []
    if len(secret_key) < SECRET_KEY_LENGTH or secret_key.startswith("insecure"):
        found.append(
            f"SECRET_KEY must be a secret of its own of at least {SECRET_KEY_LENGTH} characters."
        )
    if is_debug:
        found.append("DEBUG must be off.")
    if not allowed_hosts or "*" in allowed_hosts:
        found.append("ALLOWED_HOSTS must name the site's hosts, without *.")
    found += [f"{name} must be set." for name, value in given.items() if not value]
    return found
