"""Where the program connects to: what its settings name, and nothing that a user enters."""

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "core", "demo", "fulfillment", "inventory", "orders")
# What opens a connection, or asks another host.
CLIENTS = {"aiohttp", "ftplib", "http.client", "httpx", "requests", "smtplib", "socket", "ssl",
           "telnetlib", "urllib.request", "urllib3"}  # fmt: skip


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_few_modules_connect_and_none_to_what_a_user_enters() -> None:
    connecting = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if CLIENTS & imported(path)
    }

    assert connecting == {
        # The database, and its errors.
        "config/database_limits.py",
        "core/postgresql/driver.py",
        # The services and ports of this machine.
        "config/local_services/broker.py",
        "config/local_services/network_ports.py",
        "config/preflight.py",
        "config/web_worker.py",
        # The company's provider of log-ins.
        "config/open_id/company_provider.py",
        # The mail server.
        "core/operations/log_in_mail.py",
        "core/operations/mail.py",
        "core/smtp.py",
    }


def test_no_source_control_is_copied_into_the_image() -> None:
    left_out = (ROOT / ".dockerignore").read_text().splitlines()

    assert {".git", ".env", "tests", "var"} <= set(left_out)
