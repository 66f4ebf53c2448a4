"""What production asks of the addresses of the database and the broker."""

import pytest
from kombu.utils.url import parse_url
from redis import Redis

from config.service_addresses import exposed_addresses, exposed_mail_server, verified

NO_PASSWORD = "A must have a password."  # noqa: S105
NO_SSLMODE = (
    "A must end with ?sslmode=verify-full&sslrootcert=FILE (or sslrootcert=system), or "
    "UNENCRYPTED_HOSTS name “db”."
)
NO_REDISS = "A must begin with rediss://, which is encrypted, or UNENCRYPTED_HOSTS name “broker”."
NOT_CHECKED = "A must not switch off the check of the broker's certificate."


@pytest.mark.parametrize(
    ("url", "sentences"),
    [
        ("postgres://a:b@127.0.0.1:5432/d", []),
        ("postgres://a:b@127.8.0.1/d", []),
        ("postgres://a:b@localhost/d", []),
        ("redis://:b@[::1]:6379/0", []),
        ("postgres:///d", []),
        ("postgres://a@%2Frun%2Fpostgresql/d", []),
        ("postgres://a:b@private/d", []),
        ("redis://:b@private/0", []),
        ("postgres://a:b@db/d?sslmode=verify-full&sslrootcert=/etc/ca.pem", []),
        ("postgres://a:b@db/d?sslmode=verify-ca", []),
        ("rediss://:b@broker/0", []),
        ("rediss://:b@broker/0?ssl_ca_certs=/etc/ca.pem", []),
        ("postgres://a@localhost/d", [NO_PASSWORD]),
        ("redis://private/0", [NO_PASSWORD]),
        ("postgres://a@db/d", [NO_PASSWORD, NO_SSLMODE]),
        ("postgres://a:b@db/d", [NO_SSLMODE]),
        ("postgres://a:b@db/d?sslmode=prefer", [NO_SSLMODE]),
        # Encrypted, but to whoever answers.
        ("postgresql://a:b@db/d?sslmode=require", [NO_SSLMODE]),
        ("redis://:b@broker/0", [NO_REDISS]),
        ("rediss://:b@broker/0?ssl_cert_reqs=none", [NOT_CHECKED]),
        ("rediss://:b@broker/0?ssl_cert_reqs=CERT_OPTIONAL", [NOT_CHECKED]),
        ("rediss://:b@broker/0?ssl_check_hostname=False", [NOT_CHECKED]),
        ("postgres://a:b@127.evil.example/d", [NO_SSLMODE.replace("“db”", "“127.evil.example”")]),
    ],
)
def test_an_address_that_strangers_could_read_or_use_is_named(
    url: str, sentences: list[str]
) -> None:
    assert list(exposed_addresses({"A": url}, unencrypted_hosts=["private"])) == sentences


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "private"])
def test_mail_may_go_to_a_private_host_without_encryption(host: str) -> None:
    assert list(exposed_mail_server(host, unencrypted_hosts=["private"])) == []


def test_mail_that_strangers_could_read_is_named() -> None:
    assert list(exposed_mail_server("mail.example.com", unencrypted_hosts=["private"])) == [
        "EMAIL_USE_TLS must be yes, or UNENCRYPTED_HOSTS name “mail.example.com”."
    ]


@pytest.mark.parametrize(
    ("url", "reqs", "checks_name"),
    [
        ("rediss://:b@c:1/0", "required", True),
        ("rediss://:b@c:1/0?ssl_ca_certs=/etc/ca.pem", "required", True),
        ("rediss://:b@c:1/0?ssl_cert_reqs=none&ssl_check_hostname=false", "none", False),
    ],
)
def test_the_certificate_is_looked_at_by_the_worker_and_by_the_cache(
    url: str, reqs: str, checks_name: bool
) -> None:
    of_worker = parse_url(verified(url))["ssl"]
    of_cache = Redis.from_url(verified(url)).connection_pool.connection_kwargs

    assert of_worker["ssl_cert_reqs"].name == f"CERT_{reqs.upper()}"
    assert of_worker["ssl_check_hostname"] is checks_name
    assert of_worker.get("ssl_ca_certs") == of_cache.get("ssl_ca_certs")
    assert of_cache["ssl_cert_reqs"] == reqs
    assert of_cache["ssl_check_hostname"] is checks_name


def test_an_address_without_encryption_stays_as_it_is() -> None:
    assert verified("redis://:b@c/0") == "redis://:b@c/0"
