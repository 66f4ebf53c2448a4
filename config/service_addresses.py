"""What production asks of the addresses of its services: a password, encryption."""

from collections.abc import Collection, Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

# With these a server shows a certificate, and it is looked at.
VERIFIED_MODES = ("verify-full", "verify-ca")
THIS_MACHINE = "localhost"
VERIFIED_BROKER = {"ssl_cert_reqs": "required", "ssl_check_hostname": "true"}
UNVERIFIED = {"none", "cert_none", "optional", "cert_optional"}


def verified(url: str) -> str:
    """Return the URL of a broker so that its certificate is looked at, unless the URL says itself
    how; without encryption as it is. Celery and the cache take different things for granted."""
    if not url.startswith("rediss://"):
        return url
    address, _, query = url.partition("?")
    return f"{address}?{urlencode({**VERIFIED_BROKER, **dict(parse_qsl(query))}, safe='/')}"


def exposed_addresses(
    urls: Mapping[str, str], *, unencrypted_hosts: Collection[str]
) -> Iterator[str]:
    """Yield, in sentences, which of ``urls`` (by the variable's name) need no password, or go
    through a network without encryption. What stays on this machine, and hosts that are named, may
    be reached without encryption; a socket of this machine needs no password, either."""
    for name, url in urls.items():
        try:
            parts = urlsplit(url)
        except ValueError:
            # Whoever reads it refuses its form.
            continue
        host = unquote(parts.hostname or "")
        is_socket = not host or host.startswith("/")
        if not parts.password and not is_socket:
            yield f"{name} must have a password."
        if is_socket or _is_private(host, unencrypted_hosts):
            continue
        given = {key: value.lower() for key, value in parse_qsl(parts.query)}
        if parts.scheme == "redis":
            yield (
                f"{name} must begin with rediss://, which is encrypted, or "
                f"UNENCRYPTED_HOSTS name “{host}”."
            )
        elif parts.scheme == "rediss":
            if (
                given.get("ssl_cert_reqs") in UNVERIFIED
                or given.get("ssl_check_hostname") == "false"
            ):
                yield f"{name} must not switch off the check of the broker's certificate."
        elif "postgres" in parts.scheme and given.get("sslmode") not in VERIFIED_MODES:
            yield (
                f"{name} must end with ?sslmode=verify-full&sslrootcert=FILE (or "
                f"sslrootcert=system), or UNENCRYPTED_HOSTS name “{host}”."
            )


def exposed_mail_server(host: str, *, unencrypted_hosts: Collection[str]) -> Iterator[str]:
    """Yield, in a sentence, that e-mails go to ``host`` through a network without encryption."""
    if not _is_private(host, unencrypted_hosts):
        yield f"EMAIL_USE_TLS must be yes, or UNENCRYPTED_HOSTS name “{host}”."


def _is_private(host: str, unencrypted_hosts: Collection[str]) -> bool:
    """Whether a host is this machine, or one that may be reached without encryption."""
    if host in unencrypted_hosts:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == THIS_MACHINE
