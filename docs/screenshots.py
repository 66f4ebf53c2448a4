"""Renews the pictures of the docs from a demo of its own.

``python docs/screenshots.py [NAME …]`` takes all pictures, or those named, into docs/images or the
folder that ``--into`` names; with ``--stale`` those of pages that have changed since, if there are
any. It needs Chromium. The pages are served by this process, so it knows
which templates each used; the demo's other processes do the work behind them. The pictures of
docs/start.md are taken last, for they ship units.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIServer

from playwright.sync_api import Page, Request, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config import local_services, preflight  # noqa: E402
from config.local_services.network_ports import free_port  # noqa: E402
from docs.picture_hashes import IMAGES, PageOrigin, made_from, read, stale, write  # noqa: E402
from docs.picture_pages import DESKTOP, PICTURES, Picture, every_name  # noqa: E402
from docs.picture_story import STORY, tell  # noqa: E402

START_SECONDS = 240
STYLES = "() => [...document.styleSheets].map(sheet => sheet.href || '').filter(Boolean)"


@contextmanager
def demo(var: Path) -> Iterator[None]:
    """A running demo with a release run; ``var`` holds its data."""
    port = free_port()
    environment = {**os.environ, "DATABASE_URL": "", "REDIS_URL": "", "VAR_DIR": str(var)}
    manage = [sys.executable, str(ROOT / "manage.py")]
    process = subprocess.Popen([*manage, "up"], env={**environment, "PORT": str(port)})
    try:
        deadline = time.monotonic() + START_SECONDS
        while not is_up(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The demo did not start.")
            time.sleep(0.3)
        subprocess.run([*manage, "release_backorders"], env=environment, check=True)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        local_services.remove(var)


def is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=5):
            return True
    except OSError:
        return False


class SitePages:
    """The site's pages, served by threads of this process; knows what they are made from."""

    def __init__(self, var: Path, images: Path) -> None:
        self.images = images
        os.environ.update({"VAR_DIR": str(var), "DATABASE_URL": "", "REDIS_URL": ""})
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        # The settings read the environment of this demo.
        from django.core.servers.basehttp import ThreadedWSGIServer  # noqa: PLC0415
        from django.template import Template  # noqa: PLC0415
        from django.test.signals import template_rendered  # noqa: PLC0415
        from django.test.utils import (  # type: ignore[attr-defined]  # noqa: PLC0415
            instrumented_test_render,
        )

        from config.wsgi import application  # noqa: PLC0415

        self.files: set[str] = set()
        # It calls the receivers of the signal for every template, inner ones too.
        Template._render = instrumented_test_render  # type: ignore[attr-defined]
        template_rendered.connect(self._note_template)
        self._server: WSGIServer = _server(ThreadedWSGIServer, application)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def note_styles(self, addresses: Iterable[str]) -> None:
        """Note the styles that a page has, by their addresses."""
        from django.contrib.staticfiles import finders  # noqa: PLC0415

        for address in addresses:
            self._note(finders.find(address.partition("/static/")[2].partition("?")[0]))

    def forget(self, request: Request) -> None:
        """Begin again where the browser goes to another page."""
        if request.is_navigation_request():
            self.files.clear()

    def _note_template(self, template: Any, **others: Any) -> None:
        self._note(template.origin.name)

    def _note(self, path: Any) -> None:
        """Note a file of the project; those of packages have the version of the lock."""
        if path and (file := Path(path)).is_relative_to(ROOT) and ".venv" not in file.parts:
            self.files.add(file.relative_to(ROOT).as_posix())


def _server(kind: Any, application: Any) -> Any:
    from django.core.servers.basehttp import WSGIRequestHandler  # noqa: PLC0415

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = kind(("127.0.0.1", 0), Quiet, connections_override=None)
    server.set_app(application)
    return server


def sign_in(page: Page, address: str, user: str) -> None:
    page.goto(f"{address}/admin/login/")
    page.fill('[name="username"]', user)
    page.fill('[name="password"]', os.environ.get("DEMO_PASSWORD", "backorders"))
    page.press('[name="password"]', "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


def shoot(page: Page, pages: SitePages, name: str, picture: Picture) -> PageOrigin:
    """Write ``NAME.png`` into the folder of the pictures, and return what it was made from."""
    from django.urls import reverse  # noqa: PLC0415

    page.emulate_media(color_scheme="dark" if picture.is_dark else "light")
    page.set_viewport_size(picture.size or DESKTOP)
    where = f"{pages.address}{reverse(f'admin:{picture.url_name}')}?{picture.query}"
    page.goto(where.removesuffix("?"))
    if picture.opens_first:
        page.locator("#result_list tbody th a, [data-row] th a").first.click()
        page.wait_for_load_state("networkidle")
    if picture.step:
        picture.step(page)
    return keep(page, pages, name, is_whole=picture.is_whole)


def keep(page: Page, pages: SitePages, name: str, *, is_whole: bool = False) -> PageOrigin:
    """Write the picture of a page as it stands, and return what it was made from."""
    page.wait_for_load_state("networkidle")
    picture = pages.images / f"{name}.png"
    page.screenshot(path=picture, animations="disabled", full_page=is_whole)
    pages.note_styles(page.evaluate(STYLES))
    return made_from(pages.files)


def main(names: list[str], images: Path = IMAGES) -> None:
    """Write the pictures named, or every one, and the record of what each was made from."""
    unknown = set(names) - set(every_name())
    if unknown:
        raise SystemExit(f"There is no such picture: {', '.join(sorted(unknown))}")
    records = {name: made for name, made in read(images).items() if name in every_name()}
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)):
        pages = SitePages(Path(folder), images)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=preflight.browser(), args=["--no-sandbox"]
            )

            def opened(user: str) -> Page:
                page = browser.new_context(viewport=DESKTOP, locale="en").new_page()
                page.on("request", pages.forget)
                sign_in(page, pages.address, user)
                return page

            for user, pictures in PICTURES.items():
                if wanted := [name for name in pictures if not names or name in names]:
                    page = opened(user)
                    for name in wanted:
                        records[name] = shoot(page, pages, name, pictures[name])
                        write(records, images)
                    page.close()
            if not names or set(STORY) & set(names):
                for name, page in tell(pages.address, opened):
                    records[name] = keep(page, pages, name)
                    write(records, images)
            browser.close()
        pages.stop()


if __name__ == "__main__":
    parser = ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--into", type=Path, default=IMAGES)
    parser.add_argument("--stale", action="store_true")
    asked = parser.parse_args()
    wanted = stale(read(asked.into)) if asked.stale else asked.names
    if wanted or not asked.stale:
        main(wanted, asked.into)
