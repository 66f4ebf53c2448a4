"""Reads the environment: each value checked, each mistake one sentence that names its variable."""

import re
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from config.service_addresses import verified

env = environ.Env()
Value = TypeVar("Value")

# None, or the mail provider whose reports are taken.
WEBHOOK_PROVIDERS = ("", "brevo", "mailgun", "mailjet", "postmark", "sparkpost")
WEBHOOK_SECRET_LENGTH = 20
WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+/?")
CURRENCY = re.compile(r"[A-Z]{3}\Z")
LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HOST = re.compile(rf"({LABEL}\.)*{LABEL}\.?|\[[0-9A-Fa-f:.]+\]")
# A host, all below a domain (.example.com), or every host.
HOST_PATTERN = re.compile(rf"\*|\.?(?:{HOST.pattern})")
ORIGIN = re.compile(rf"https?://(?:\*\.)?(?:{HOST.pattern})(?::[0-9]{{1,5}})?/?")
ISSUER = re.compile(rf"https://(?:{HOST.pattern})(?::[0-9]{{1,5}})?(?:/[A-Za-z0-9._~/-]{{0,150}})?")
RATE = re.compile(r"[1-9][0-9]{0,8}/(s|sec|second|m|min|minute|h|hour|d|day)")
DATABASE_SCHEMES = {"postgres", "postgresql", "psql", "pgsql"}
BROKER_SCHEMES = {"redis", "rediss"}
# The roles that the program brings along.
ROLES = ("Merchant", "Fulfillment", "Operations", "Viewer")
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


def second_factor_for(name: str, default: str) -> list[str]:
    """Return who needs a second factor: nobody, everybody, or powers and roles.

    :raises ImproperlyConfigured: for another word, or a word beside nobody or everybody.
    """
    found = words(name) or [default]
    expected = f"nobody, everybody, or of {', '.join(('powers', *ROLES))}"
    is_alone = len(found) == 1 and found[0] in ("nobody", "everybody")
    if not is_alone and not set(found) <= {"powers", *ROLES}:
        raise ImproperlyConfigured(f"{name} is “{', '.join(found)}”; it should be {expected}.")
    return found


def hosts(name: str) -> list[str]:
    """Return names of hosts, as Django's ``ALLOWED_HOSTS`` has them.

    :raises ImproperlyConfigured: for an address, a port, or what else is no name of a host.
    """
    return _words_like(name, HOST_PATTERN, "names of hosts such as shop.example.com")


def origins(name: str) -> list[str]:
    """Return origins, as Django's ``CSRF_TRUSTED_ORIGINS`` has them.

    :raises ImproperlyConfigured: for what is no scheme and host.
    """
    found = _words_like(name, ORIGIN, "origins such as https://shop.example.com")
    return [origin.rstrip("/") for origin in found]


def _words_like(name: str, pattern: re.Pattern[str], expected: str) -> list[str]:
    """Return a list written with commas, each word of which has a form."""
    found = words(name)
    for word in found:
        if not pattern.fullmatch(word):
            raise ImproperlyConfigured(f"{name} has “{word}”; it should have {expected}.")
    return found


def host(name: str) -> str:
    """Return the name of one host; empty where it is not said.

    :raises ImproperlyConfigured: for an address, a port, or what else is no name of a host.
    """
    return _read(name, _like(HOST), "", expected="the name of a host such as mail.example.com")


def rate(name: str, default: str) -> str:
    """Return how often something may be asked for, as ``1200/min``.

    :raises ImproperlyConfigured: for what is no number from 1 per sec, min, hour or day.
    """
    return _read(name, _like(RATE), default, expected="a number per sec, min, hour or day: 60/min")


def _like(pattern: re.Pattern[str]) -> Callable[[str], str]:
    """Return a cast that takes what is empty or has the form of ``pattern``."""

    def cast(value: str) -> str:
        if value and not pattern.fullmatch(value):
            raise ValueError(value)
        return value

    return cast


def sender(name: str, default: str) -> str:
    """Return who e-mails are from: an address, or a name with its address.

    :raises ImproperlyConfigured: for what is neither.
    """
    expected = "an e-mail address such as orders@shop.example.com"
    return _read(name, _sender, default, expected=expected)


def _sender(value: str) -> str:
    try:
        validate_email(parseaddr(value)[1])
    except ValidationError as error:
        raise ValueError(value) from error
    return value


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


def issuer(name: str) -> str:
    """Return the address of a provider of OpenID Connect, without a slash at its end.

    :raises ImproperlyConfigured: for what is no address of a host that begins with https://.
    """
    expected = "an address such as https://login.example.com, as the provider names itself"
    return _read(name, _like(ISSUER), "", expected=expected).rstrip("/")


def check_open_id(issuer: str, client_id: str, client_secret: str) -> None:
    """Make sure that a provider is named with what it knows this site by.

    :raises ImproperlyConfigured: if one of the three is missing.
    """
    given = {
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": client_id,
        "OIDC_CLIENT_SECRET": client_secret,
    }
    missing = [name for name, value in given.items() if not value]
    if missing and len(missing) < len(given):
        raise ImproperlyConfigured(
            f"{' and '.join(missing)} must be set: a log-in by OpenID Connect needs "
            f"{', '.join(given)}."
        )


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


def database(url: str, name: str = "DATABASE_URL") -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL URL, which ``name`` has.

    :raises ImproperlyConfigured: for anything else, without the password in the message.
    """
    # django-environ shows what it does not know, with its password.
    is_known = url.partition("://")[0] in DATABASE_SCHEMES
    try:
        settings = env.db_url_config(url) if is_known else {}
    except ValueError:
        settings = {}
    if not settings:
        raise ImproperlyConfigured(
            f"{name} names no PostgreSQL; it should be postgres://USER:PASSWORD@HOST/NAME."
        )
    # The folder of a socket is written as %2Frun%2Fpostgresql.
    host = unquote(settings["HOST"])
    return {**settings, "HOST": host, "ENGINE": "core.postgresql"}


def broker(url: str, name: str) -> str:
    """Return the URL of a broker, which ``name`` has; its certificate is looked at.

    :raises ImproperlyConfigured: for anything else, without the password in the message.
    """
    try:
        parts = urlsplit(url)
        is_right = (
            parts.scheme in BROKER_SCHEMES
            and bool(parts.hostname)
            and parts.port != 0
            and (parts.path.strip("/") or "0").isdecimal()
        )
    except ValueError:
        is_right = False
    if not is_right:
        raise ImproperlyConfigured(
            f"{name} names no broker; it should be redis://:PASSWORD@HOST:PORT/0."
        )
    return verified(url)
