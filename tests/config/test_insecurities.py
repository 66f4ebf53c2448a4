"""What production refuses to start with, a sentence each."""

from typing import Any

import pytest

from config import commands
from config.insecurities import Exposure, insecurities, is_weak

SECRET = "IeShahd4uu3aeR9oXohxoo7eighai7Ohf6quai2ahW0eephu5b"  # noqa: S105
IMAGE_KEY = "only-while-the-image-is-built-0123456789-0123456789-0123"
WEAK_KEY = "SECRET_KEY must be a secret of its own of at least 50 random characters."
OPEN_HOSTS = (
    "ALLOWED_HOSTS must name the site's hosts, without * and without all hosts below a shared "
    "domain such as .com or .github.io."
)
WEAK_TOKEN = "METRICS_TOKEN must have at least 32 random characters, or be empty."  # noqa: S105


def found(**change: Any) -> list[str]:
    secure = {
        "secret_key": SECRET,
        "allowed_hosts": ["shop.example"],
        "given": {"DATABASE_URL": "postgres://a:b@127.0.0.1/d", "REDIS_URL": "redis://:a@[::1]/0"},
    }
    return insecurities(Exposure(**{**secure, **change}))


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        ({}, []),
        ({"former_secret_keys": [SECRET]}, []),
        ({"metrics_token": SECRET[:32]}, []),
        (
            {"allowed_hosts": ["shop.example.com", ".shop.co.uk", ".example.com", "web", "[::1]"]},
            [],
        ),
        ({"trusted_origins": ["https://shop.example.com:8443", "https://*.example.com"]}, []),
        ({"site_url": "https://shop.example.com"}, []),
        ({"preloads_hsts": True, "hsts_seconds": 31_536_000}, []),
        ({"secret_key": SECRET[:-1]}, [WEAK_KEY]),
        ({"secret_key": IMAGE_KEY}, [WEAK_KEY]),
        ({"secret_key": IMAGE_KEY, "is_build": True}, []),
        ({"secret_key": "", "is_build": True}, [WEAK_KEY]),
        (
            {"former_secret_keys": [SECRET, "short"]},
            [
                "SECRET_KEY_FALLBACKS has a weak key, which still opens sessions and links: "
                "remove it.",
            ],
        ),
        ({"metrics_token": SECRET[:31]}, [WEAK_TOKEN]),
        ({"metrics_token": "watch" * 10}, [WEAK_TOKEN]),
        ({"is_debug": True}, ["DEBUG must be off."]),
        (
            {"shows_logins": True},
            ["DEMO_LOGINS must be off: it shows the passwords of users."],
        ),
        (
            {"preloads_hsts": True, "hsts_seconds": 31_535_999},
            [
                "SECURE_HSTS_PRELOAD needs SECURE_HSTS_SECONDS to be 31536000 or more: browsers "
                "take no shorter ones."
            ],
        ),
        ({"allowed_hosts": []}, [OPEN_HOSTS]),
        ({"allowed_hosts": ["shop.example", "*"]}, [OPEN_HOSTS]),
        ({"allowed_hosts": [".com"]}, [OPEN_HOSTS]),
        ({"allowed_hosts": [".co.uk."]}, [OPEN_HOSTS]),
        ({"allowed_hosts": [".GitHub.io"]}, [OPEN_HOSTS]),
        ({"allowed_hosts": [".any.ck"]}, [OPEN_HOSTS]),
        ({"allowed_hosts": [".xn--55qx5d.cn"]}, [OPEN_HOSTS]),
        ({"allowed_hosts": [".internal"]}, [OPEN_HOSTS]),
        ({"allowed_hosts": [".www.ck", ".shop.github.io", ".shop.internal", "github.io"]}, []),
        (
            {"trusted_origins": ["https://*.github.io"]},
            [
                "CSRF_TRUSTED_ORIGINS has “https://*.github.io”, below which anybody may have a "
                "site."
            ],
        ),
        (
            {"trusted_origins": ["http://shop.example.com", "https://shop.example.com"]},
            ["CSRF_TRUSTED_ORIGINS has “http://shop.example.com”; it must begin with https://."],
        ),
        (
            {"trusted_origins": ["https://*.com"]},
            ["CSRF_TRUSTED_ORIGINS has “https://*.com”, below which anybody may have a site."],
        ),
        (
            {"site_url": "http://shop.example.com"},
            ["SITE_URL is “http://shop.example.com”; it must begin with https://."],
        ),
        (
            {"given": {"DATABASE_URL": "postgres://a:b@localhost/d", "REDIS_URL": ""}},
            ["REDIS_URL must be set."],
        ),
    ],
)
def test_each_insecurity_is_found(change: dict[str, Any], sentences: list[str]) -> None:
    assert found(**change) == sentences


@pytest.mark.parametrize(
    ("secret", "is_refused"),
    [
        (SECRET, False),
        ("b7a1f9d04c3e5826d9e0c4a7f1b382650f9e8d7c6b5a493281f0e2d3c4b5a697", False),
        ("x" * 50, True),
        ("0123456789" * 5, True),
        (f"{'0123456789ab' * 4}01", True),
        ("abcdefghiihgfedcbaabcabcabcghidefabchgfihgabcabcde", True),
        (f"django-insecure-{SECRET}", True),
        (f"insecure{SECRET}", True),
        (f"Change-me-{SECRET}", True),
        (f"your-{SECRET}", True),
    ],
)
def test_a_secret_that_is_easily_guessed_is_weak(secret: str, is_refused: bool) -> None:
    assert is_weak(secret, length=50) is is_refused


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["manage.py", "collectstatic", "--noinput"], True),
        (["manage.py", "migrate"], False),
        (["manage.py"], False),
        (["gunicorn", "collectstatic"], False),
    ],
)
def test_only_collecting_static_files_builds_the_image(
    arguments: list[str], expected: bool
) -> None:
    assert commands.builds_image(arguments) is expected
