"""The database and the broker are reached by TLS, and never a server that shows another's
certificate."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from tests.certificates import Certificate
from tests.config.test_variables import ROOT
from tests.encrypted_front import encrypted_front

SECRET = "of-this-test-alone-Ohf6quai2ahW0eephu5bIeShahd4uu3aeR9"  # noqa: S105
ASK = """
import django
django.setup()
from django.core.cache import cache
from django.db import connection
from config.celery import app
from core import broker
{question}
"""
QUESTIONS = {
    "database": "connection.ensure_connection(); print(connection.connection.pgconn.ssl_in_use)",
    "cache": "cache._cache.get_client().ping(); print(True)",
    "worker": "app.connection_for_write().ensure_connection(max_retries=1, timeout=2); print(True)",
    "probe": "broker.client().__enter__().ping(); print(True)",
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Certificate, Certificate]:
    """The one that the servers show, and another's."""
    folders = (tmp_path_factory.mktemp("own"), tmp_path_factory.mktemp("other"))
    own, other = (Certificate.of("localhost", folder) for folder in folders)
    return own, other


def answer(question: str, *, authority: Path, host: str, ports: dict[str, int]) -> tuple[str, str]:
    """Return what a process of production prints, and its last line of errors."""
    database, broker = urlsplit(settings.DATABASE_URL), urlsplit(settings.REDIS_URL)
    name = connection.settings_dict["NAME"]
    asked = subprocess.run(
        [sys.executable, "-c", ASK.format(question=QUESTIONS[question])],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ENVIRONMENT": "production",
            "SECRET_KEY": SECRET,
            "ALLOWED_HOSTS": "shop.example.com",
            "DATABASE_POOL": "no",
            "DATABASE_URL": f"postgres://{database.username}:{database.password}@{host}:"
            f"{ports['database']}/{name}?sslmode=verify-full&sslrootcert={authority}",
            "REDIS_URL": f"rediss://:{broker.password}@{host}:{ports['broker']}/15"
            f"?ssl_ca_certs={authority}",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return asked.stdout.strip(), asked.stderr.strip()


@pytest.mark.django_db
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_server_is_trusted_by_its_certificate_alone(
    certificates: tuple[Certificate, Certificate], question: str
) -> None:
    own, other = certificates
    database, broker = urlsplit(settings.DATABASE_URL), urlsplit(settings.REDIS_URL)
    assert database.port is not None
    assert broker.port is not None
    with (
        encrypted_front(database.port, own) as database_port,
        encrypted_front(broker.port, own) as broker_port,
    ):
        ports = {"database": database_port, "broker": broker_port}
        trusted = answer(question, authority=own.file, host="localhost", ports=ports)
        of_another = answer(question, authority=other.file, host="localhost", ports=ports)
        by_another_name = answer(question, authority=own.file, host="127.0.0.1", ports=ports)

    assert trusted[0] == "True", trusted[1][-1000:]
    for printed, error in (of_another, by_another_name):
        assert printed == ""
        assert "certificate" in error.lower()
