"""A whole back office on the demo's data: real processes, services that no other test uses."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from playwright.sync_api import Page

from config import local_services
from config.local_services.network_ports import free_port
from tests.browser.conftest import PATIENCE
from tests.database import DEMO, app_role, copied, ensure_demo

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 240
RELEASE_SECONDS = 240
PASSWORD = "of-the-office-alone"  # noqa: S105 - a test's.

SEATTLE_ITEMS = """
SELECT item.id, product.sku, item.quantity FROM inventory_sourceitem AS item
JOIN inventory_product AS product ON product.id = item.product_id
JOIN inventory_source AS source ON source.id = item.source_id
WHERE product.sku = ANY (%s) AND source.code = 'seattle'
"""


class BackOffice:
    """A running back office, and questions to its database.

    ``database_url`` names an empty database; without it, the back office starts a server.
    """

    def __init__(self, var: Path, *, database_url: str = "") -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.var = var
        self.log = var.parent / "up.log"
        services = {"DATABASE_URL": database_url, "REDIS_URL": ""}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "up"],
                cwd="/",
                env={**os.environ, **services, "VAR_DIR": str(var), "PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_for_login_page()
        urls = local_services.ensure(var, services)
        self.database = psycopg.connect(urls["DATABASE_URL"], autocommit=True)

    def ask(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self.database.execute(statement, parameters or None).fetchall()

    def until(self, statement: str, expected: object, *parameters: object) -> None:
        """Wait for one value to come out; say what it was when it does not."""
        deadline = time.monotonic() + RELEASE_SECONDS
        while (value := self.ask(statement, *parameters)[0][0]) != expected:
            assert time.monotonic() < deadline, (value, expected, self.log.read_text()[-3000:])
            time.sleep(0.3)

    def stop(self) -> int:
        self.database.close()
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(240)

    def _wait_for_login_page(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            try:
                with urllib.request.urlopen(f"{self.url}/admin/login/", timeout=2):  # noqa: S310 - ours
                    return
            except OSError:
                time.sleep(0.2)


@contextmanager
def on_the_demo(name: str, folder: Path, run_folder: Path) -> Iterator[BackOffice]:
    """Have a back office that finds the demo loaded, and works as the app's role.

    ``name`` is that of its database, which no other test uses; ``run_folder`` is the one that all
    workers of this run share.
    """
    ensure_demo(run_folder)
    with copied(name, of=DEMO), app_role(PASSWORD) as role:
        server = "{HOST}:{PORT}".format_map(connection.settings_dict)
        url = f"postgres://{role.name}:{PASSWORD}@{server}/{name}"
        opened = BackOffice(folder / "var", database_url=url)
        yield opened
        opened.stop()
        local_services.remove(opened.var)


def sign_in(page: Page, url: str, user: str = "admin") -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}/admin/login/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", "backorders")
    page.click("#login-form button[type=submit]")
    page.wait_for_url(f"{url}/admin/")


def receive(page: Page, office: BackOffice, sku: str, quantity: Decimal) -> None:
    """Add to what Seattle holds, on the source item's page, as a person does."""
    ((item_id, _sku, _quantity),) = office.ask(SEATTLE_ITEMS, [sku])
    page.goto(f"{office.url}/admin/inventory/sourceitem/{item_id}/change/")
    on_hand = Decimal(page.input_value("input[name=quantity]"))
    page.fill("input[name=quantity]", f"{on_hand + quantity:f}")
    with page.expect_navigation():
        page.click("button[name=_save], input[name=_save]")
    page.wait_for_url(f"{office.url}/admin/inventory/sourceitem/**")
    assert page.locator(".errorlist, .errornote").count() == 0, page.inner_text("body")


def receive_file(page: Page, office: BackOffice, received: dict[str, Decimal], path: Path) -> None:
    """Add to what Seattle holds of each SKU, with a file of the new quantities."""
    items = office.ask(SEATTLE_ITEMS, list(received))
    assert len(items) == len(received)
    rows = [f"seattle,{sku},1,{quantity + received[sku]:f}" for _id, sku, quantity in items]
    path.write_text("\n".join(["source_code,sku,status,quantity", *rows, ""]))
    page.goto(f"{office.url}/admin/inventory/sourceitem/")
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Write the file").click()
    page.get_by_role("heading", name="Saved changes").wait_for()
