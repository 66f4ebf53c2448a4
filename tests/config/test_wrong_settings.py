"""Every variable of the settings with a value that is none: what starts says which, and what would
be right."""

import ast
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import commands
from tests.config.test_variables import READERS, ROOT, example

SECRET = "IeShahd4uu3aeR9oXohxoo7eighai7Ohf6quai2ahW0eephu5b"  # noqa: S105
SETTINGS = ROOT / "config" / "settings.py"
URLS = {
    "DATABASE_URL": "postgres://unused:password@127.0.0.1:1/unused",
    "REDIS_URL": "redis://:password@127.0.0.1:1/0",
}
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "shop.example.com",
    **URLS,
}
# By how a variable is read: wrong values, and what the sentence says of each.
WRONG = {
    "yes_no": [("banana", "“banana”; it should be yes or no.")],
    "whole": [
        ("banana", "“banana”; it should be a whole number."),
        ("1.5", "“1.5”; it should be a whole number."),
        ("-1", "-1; it should be"),
    ],
    "choice": [("banana", "“banana”; it should be")],
    "second_factor_for": [
        (wrong, f"“{wrong}”; it should be nobody, everybody, or of powers, Merchant, Fulfillment,")
        for wrong in ("banana", "nobody, Viewer", "everybody, powers")
    ],
    "time_zone": [("banana", "“banana”; it should be a time zone such as Europe/Stockholm.")],
    "currency": [("kr", "“kr”; it should be a code of ISO 4217 such as SEK.")],
    "web_address": [
        ("banana", "“banana”; it should be an address such as https://shop.example.com."),
        ("ftp://a.b", "“ftp://a.b”; it should be an address such as https://shop.example.com."),
    ],
    "hosts": [
        (wrong, f"has “{wrong}”; it should have names of hosts such as shop.example.com.")
        for wrong in ("https://a.example", "a.example:8000", "a b", "a..example", "-a.example")
    ],
    "origins": [
        (wrong, f"has “{wrong}”; it should have origins such as https://shop.example.com.")
        for wrong in ("a.example", "https://a.example/b", "https://*", "ftp://a.example")
    ],
    "host": [
        (wrong, f"“{wrong}”; it should be the name of a host such as mail.example.com.")
        for wrong in ("smtp://a.example", "a.example:25", "a b", ".a.example")
    ],
    "issuer": [
        (wrong, f"“{wrong}”; it should be an address such as https://login.example.com, as the")
        for wrong in ("banana", "http://login.example.com", "https://a b", "https://a.b/?c=d")
    ],
    "rate": [
        (wrong, f"“{wrong}”; it should be a number per sec, min, hour or day: 60/min.")
        for wrong in ("banana", "60", "60/", "60/year", "60/mango", "0/min", "1.5/min", "-1/min")
    ],
    "sender": [
        (wrong, f"“{wrong}”; it should be an e-mail address such as orders@shop.example.com.")
        for wrong in ("banana", "Shop <banana>", "a@", "a@b c")
    ],
}
OPEN_ID = {
    "OIDC_ISSUER": "https://login.example.com",
    "OIDC_CLIENT_ID": "backoffice",
    "OIDC_CLIENT_SECRET": "secret",
}
# Read as they stand: what is wrong with them, and with what others in production alone.
TEXTS: dict[str, list[tuple[dict[str, str], str]]] = {
    "SECRET_KEY": [({"SECRET_KEY": "x" * 50}, "SECRET_KEY must be a secret of its own")],
    "SECRET_KEY_FALLBACKS": [
        ({"SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY_FALLBACKS has a weak key")
    ],
    "METRICS_TOKEN": [({"METRICS_TOKEN": "short"}, "METRICS_TOKEN must have at least 32")],
    **{
        name: [
            ({name: wrong}, f"{name} names no PostgreSQL; it should be postgres://")
            for wrong in ("banana", "mysql://a:b@c/d", "postgres://a:b@127.0.0.1:banana/d")
        ]
        for name in ("DATABASE_URL", "OWNER_DATABASE_URL")
    },
    **{
        name: [
            ({name: wrong}, f"{name} names no broker; it should be redis://:PASSWORD@HOST:PORT/0.")
            for wrong in ("banana", "http://:b@c/0", "redis://:b@127.0.0.1:banana/0",
                          "redis://:b@127.0.0.1:65536/0", "redis://:b@127.0.0.1:0/0",
                          "redis://:b@127.0.0.1/banana", "redis:///0")
        ]
        for name in ("REDIS_URL", "CACHE_URL")
    },
    **{
        name: [
            ({**OPEN_ID, name: ""}, f"{name} must be set: a log-in by OpenID Connect needs"),
        ]
        for name in OPEN_ID
    },
    "EMAIL_WEBHOOK_SECRET": [
        ({"EMAIL_WEBHOOK_PROVIDER": "brevo", "EMAIL_WEBHOOK_SECRET": wrong},
         "EMAIL_WEBHOOK_SECRET must be a user name, a colon and a password, of at least 20")
        for wrong in ("", "a:short", "without-colon-but-long-enough")
    ],
    "EMAIL_WEBHOOK_SIGNING_KEY": [
        ({"EMAIL_WEBHOOK_PROVIDER": "mailgun", "EMAIL_WEBHOOK_SECRET": "shop:0123456789abcdef"},
         "EMAIL_WEBHOOK_SIGNING_KEY must be the key")
    ],
}  # fmt: skip
# Names of people and paths: there is no wrong one.
FREE = {"VAR_DIR", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "DEMO_PASSWORD", "OIDC_NAME",
        "OIDC_USERNAME_CLAIM", "OIDC_ROLES_CLAIM", "OIDC_SECOND_FACTOR"}  # fmt: skip
OF_PRODUCTION = [
    ({"ALLOWED_HOSTS": ".com"}, "ALLOWED_HOSTS must name the site's hosts"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name the site's hosts"),
    ({"CSRF_TRUSTED_ORIGINS": "http://shop.example.com"}, "it must begin with https://."),
    ({"SITE_URL": "http://shop.example.com"}, "it must begin with https://."),
    ({"DEBUG": "yes"}, "DEBUG must be off."),
    ({"DEMO_LOGINS": "yes"}, "DEMO_LOGINS must be off"),
    ({"DATABASE_URL": "postgres://a@127.0.0.1/d"}, "DATABASE_URL must have a password."),
    ({"OWNER_DATABASE_URL": "postgres://a:b@db/d"}, "OWNER_DATABASE_URL must end with ?sslmode="),
    ({"REDIS_URL": "redis://:b@broker/0"}, "REDIS_URL must begin with rediss://"),
    ({"CACHE_URL": "redis://broker/0", "UNENCRYPTED_HOSTS": "broker"}, "CACHE_URL must have"),
    ({"EMAIL_HOST": "mail.example.com", "EMAIL_USE_TLS": "no"}, "EMAIL_USE_TLS must be yes, or"),
    ({"SECURE_HSTS_PRELOAD": "yes", "SECURE_HSTS_SECONDS": "60"}, "SECURE_HSTS_PRELOAD needs"),
]


def readers() -> dict[str, str]:
    """Return by which function of ``config.environment`` each variable is read."""
    return {
        ast.literal_eval(node.args[0]): node.func.attr
        for node in ast.walk(ast.parse(SETTINGS.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READERS
        and ast.unparse(node.func.value) == "environment"
    }


TYPED = [
    (name, wrong, sentence)
    for name, reader in readers().items()
    for wrong, sentence in WRONG.get(reader, [])
]


@pytest.fixture(autouse=True)
def _only_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in example():
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("VAR_DIR", str(tmp_path))


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in {**PRODUCTION, **variables}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refused:
        runpy.run_path(str(SETTINGS))
    return str(refused.value)


@pytest.mark.parametrize(("name", "wrong", "sentence"), TYPED)
def test_a_value_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: str, sentence: str
) -> None:
    said = refusal(monkeypatch, **{name: wrong})

    assert name in said
    assert sentence in said


@pytest.mark.parametrize(
    ("variables", "sentence"), [*OF_PRODUCTION, *(row for rows in TEXTS.values() for row in rows)]
)
def test_an_insecure_value_is_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], sentence: str
) -> None:
    assert sentence in refusal(monkeypatch, **variables)


def test_no_refusal_shows_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, wrong in (
        ("SECRET_KEY", "hunter2"),
        ("SECRET_KEY_FALLBACKS", "hunter2"),
        ("METRICS_TOKEN", "hunter2"),
        ("DATABASE_URL", "mysql://a:hunter2@c/d"),
        ("REDIS_URL", "http://:hunter2@c/0"),
        ("CACHE_URL", "http://:hunter2@c/0"),
        ("OWNER_DATABASE_URL", "mysql://a:hunter2@c/d"),
    ):
        assert "hunter2" not in refusal(monkeypatch, **{name: wrong})


def test_every_variable_has_a_value_that_is_refused() -> None:
    typed = {name for name, _wrong, _sentence in TYPED}

    assert set(readers()) - typed - set(TEXTS) - FREE == set()


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("API_RATE", "60/min"),
        ("API_RATE", "5/s"),
        ("API_RATE", "1000/day"),
        ("ALLOWED_HOSTS", "shop.example.com,.example.com,web,10.0.0.7,[::1]"),
        ("CSRF_TRUSTED_ORIGINS", "https://shop.example.com,https://*.example.com:8443"),
        ("EMAIL_HOST", "mail.example.com"),
        ("EMAIL_HOST", "10.0.0.7"),
        ("DEFAULT_FROM_EMAIL", "The shop <orders@shop.example.com>"),
        ("REDIS_URL", "rediss://user:p%40ss@broker.example.com/3"),
        ("CACHE_URL", "rediss://:password@cache.example.com/1"),
        ("DATABASE_URL", "postgres://a:b@db.example.com/d?sslmode=verify-full&sslrootcert=system"),
        ("METRICS_TOKEN", SECRET),
        ("SITE_URL", "https://shop.example.com"),
    ],
)
def test_a_right_value_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, right: str) -> None:
    for variable, value in {**PRODUCTION, name: right}.items():
        monkeypatch.setenv(variable, value)

    settings: dict[str, Any] = runpy.run_path(str(SETTINGS))

    assert settings["SECURE_HSTS_PRELOAD"] is False
    assert settings["SECURE_HSTS_SECONDS"] == 31_536_000
    # Browsers take these from this host alone, over TLS.
    names = [settings[f"{kind}_COOKIE_NAME"] for kind in ("SESSION", "CSRF", "LANGUAGE")]
    assert names == ["__Host-sessionid", "__Host-csrftoken", "__Host-language"]
    assert settings["COOKIE_PREFIX"] == "__Host-"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["manage.py", "migrate"], True),
        (["manage.py", "database_roles"], True),
        (["manage.py", "load_demo"], False),
        (["manage.py"], False),
        (["gunicorn", "config.wsgi"], False),
    ],
)
def test_only_commands_that_change_tables_are_of_their_owner(
    arguments: list[str], expected: bool
) -> None:
    assert commands.is_of_owner(arguments) is expected


@pytest.mark.parametrize(("is_of_owner", "role"), [(True, "owner"), (False, "app")])
def test_a_command_of_the_owner_connects_as_the_owner(
    monkeypatch: pytest.MonkeyPatch, is_of_owner: bool, role: str
) -> None:
    given = {
        **PRODUCTION,
        "DATABASE_URL": "postgres://app:password@127.0.0.1:1/unused",
        "OWNER_DATABASE_URL": "postgres://owner:password@127.0.0.1:1/unused",
    }
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(commands, "is_of_owner", lambda _arguments: is_of_owner)

    settings: dict[str, Any] = runpy.run_path(str(SETTINGS))

    assert settings["DATABASES"]["default"]["USER"] == role
    assert settings["APP_DATABASE"]["USER"] == "app"
