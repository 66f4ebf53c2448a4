"""What production refuses to start with: weak secrets, open hosts, unencrypted addresses."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from fido2.rpid import verify_rp_id

from config.service_addresses import exposed_addresses, exposed_mail_server

SECRET_KEY_LENGTH = 50
TOKEN_LENGTH = 32
FEWEST_CHARACTERS = 10
# How the image's key begins while it is built.
IMAGE_KEY = "only-while-the-image-is-built"
# How a key begins that was given to be replaced.
PLACEHOLDERS = ("django-insecure", "insecure", "change", "replace", "example", "your", "secret",
                IMAGE_KEY)  # fmt: skip
YEAR_SECONDS = 31_536_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """The settings that can open a site to strangers."""

    secret_key: str
    former_secret_keys: list[str] = field(default_factory=list)
    # Whether this only builds the image, with a key that signs nothing.
    is_build: bool = False
    metrics_token: str = ""
    is_debug: bool = False
    shows_logins: bool = False
    allowed_hosts: list[str]
    trusted_origins: list[str] = field(default_factory=list)
    site_url: str = ""
    preloads_hsts: bool = False
    hsts_seconds: int = 0
    given: dict[str, str]
    # Addresses that need not be set: that of the owner of the tables, that of the cache.
    others: dict[str, str] = field(default_factory=dict)
    # The mail server that is reached without TLS, if there is one.
    mail_host: str = ""
    # Hosts of a private network, to which nobody else listens.
    unencrypted_hosts: list[str] = field(default_factory=list)


def insecurities(exposure: Exposure) -> list[str]:
    """Return, in sentences, what must not be so in production."""
    return [
        *_secrets(exposure),
        *_switches(exposure),
        *_addresses(exposure),
        *_missing(exposure),
        *_services(exposure),
    ]


def _secrets(exposure: Exposure) -> Iterator[str]:
    key = exposure.secret_key
    if is_weak(key, length=SECRET_KEY_LENGTH) and not (
        exposure.is_build and key.startswith(IMAGE_KEY)
    ):
        yield (
            f"SECRET_KEY must be a secret of its own of at least {SECRET_KEY_LENGTH} random "
            "characters."
        )
    if any(is_weak(former, length=SECRET_KEY_LENGTH) for former in exposure.former_secret_keys):
        yield (
            "SECRET_KEY_FALLBACKS has a weak key, which still opens sessions and links: remove it."
        )
    if exposure.metrics_token and is_weak(exposure.metrics_token, length=TOKEN_LENGTH):
        yield (f"METRICS_TOKEN must have at least {TOKEN_LENGTH} random characters, or be empty.")


def is_weak(secret: str, *, length: int) -> bool:
    """Whether a secret is shorter than ``length``, of few characters, a piece that is repeated, or
    what somebody was given to be replaced."""
    return (
        len(secret) < length
        or len(set(secret)) < FEWEST_CHARACTERS
        or secret.lower().startswith(PLACEHOLDERS)
        or any(secret[size:] == secret[:-size] for size in range(1, len(secret) // 2 + 1))
    )


def _switches(exposure: Exposure) -> Iterator[str]:
    if exposure.is_debug:
        yield "DEBUG must be off."
    if exposure.shows_logins:
        yield "DEMO_LOGINS must be off: it shows the passwords of users."
    if exposure.preloads_hsts and exposure.hsts_seconds < YEAR_SECONDS:
        yield (
            f"SECURE_HSTS_PRELOAD needs SECURE_HSTS_SECONDS to be {YEAR_SECONDS} or more: browsers "
            "take no shorter ones."
        )


def _addresses(exposure: Exposure) -> Iterator[str]:
    if not exposure.allowed_hosts or any(map(is_open, exposure.allowed_hosts)):
        yield (
            "ALLOWED_HOSTS must name the site's hosts, without * and without all hosts below a "
            "shared domain such as .com or .github.io."
        )
    for origin in exposure.trusted_origins:
        host = re.split(r"://|:", origin)[1]
        if not origin.startswith("https://"):
            yield f"CSRF_TRUSTED_ORIGINS has “{origin}”; it must begin with https://."
        elif host.startswith("*") and is_open(host.removeprefix("*")):
            yield f"CSRF_TRUSTED_ORIGINS has “{origin}”, below which anybody may have a site."
    if exposure.site_url and not exposure.site_url.startswith("https://"):
        yield f"SITE_URL is “{exposure.site_url}”; it must begin with https://."


def is_open(host: str) -> bool:
    """Whether a host of ``ALLOWED_HOSTS`` stands for hosts of strangers: every one, or all below a
    domain that is nobody's own."""
    if not host.startswith("."):
        return host == "*"
    domain = host.strip(".").lower()
    # The list of domains that are shared has them as people write them.
    with suppress(UnicodeError):
        domain = domain.encode("ascii").decode("idna")
    # No passkey may be good for all hosts of such a domain, and browsers ask the same list.
    return "." not in domain or not verify_rp_id(domain, f"https://www.{domain}")


def _missing(exposure: Exposure) -> Iterator[str]:
    for name, value in exposure.given.items():
        if not value:
            yield f"{name} must be set."


def _services(exposure: Exposure) -> Iterator[str]:
    """Yield how the services are open to others; not while the image is built."""
    urls = {**exposure.given, **exposure.others}
    if not exposure.is_build:
        yield from exposed_addresses(
            {name: url for name, url in urls.items() if url},
            unencrypted_hosts=exposure.unencrypted_hosts,
        )
        if exposure.mail_host:
            yield from exposed_mail_server(
                exposure.mail_host, unencrypted_hosts=exposure.unencrypted_hosts
            )
