"""A real browser on a live server; errors of scripts and violations of the policy fail the test."""

import os
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from config import preflight

DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
AXE = Axe().axe_script
# What people do is shown in the narrowest look, which has least room; all pages are looked at in
# every look by turns (test_every_page), and in all of them in the long run.
in_each_look = pytest.mark.parametrize(
    ("width", "scheme"),
    [
        ("phone", "dark"),
        pytest.param("desktop", "light", marks=pytest.mark.long),
        pytest.param("desktop", "dark", marks=pytest.mark.long),
        pytest.param("phone", "light", marks=pytest.mark.long),
    ],
)
# In milliseconds: for a machine that does much else. What comes sooner is waited for no longer.
PATIENCE = 120_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session", autouse=True)
def allow_orm_beside_the_browser() -> Iterator[None]:
    """The browser's driver runs an event loop in this thread; the ORM would refuse beside it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session", autouse=True)
def requests_give_their_connection_back() -> None:
    """A kept window keeps its ways to the server open, each with a thread of its own.

    Their connections to the database would add up to more than the server has.
    """
    connections.settings["default"]["CONN_MAX_AGE"] = 0


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, without a window."""
    assert not preflight.browser_lacking(), preflight.browser_lacking()
    with sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=preflight.browser(), args=["--no-sandbox"], timeout=3 * PATIENCE
        )
        yield opened
        opened.close()


class Windows:
    """Windows of the browser that are kept from test to test, with the scripts and styles that
    they have loaded; nobody is signed in in them, and nothing is stored.

    A new one loads forty files again before its first page is there.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._free: dict[tuple[Any, ...], list[BrowserContext]] = {}
        self._used: list[tuple[tuple[Any, ...], BrowserContext]] = []

    def take(self, **options: Any) -> BrowserContext:
        """Return a window that no other test uses, with these options of Playwright's."""
        kind = tuple(sorted((name, str(value)) for name, value in options.items()))
        free = self._free.get(kind)
        context = free.pop() if free else self._browser.new_context(base_url=self._url, **options)
        context.set_default_timeout(PATIENCE)
        self._used.append((kind, context))
        return context

    def give_back(self) -> None:
        """Close all pages of the windows that are used, and forget what was stored in them."""
        while self._used:
            kind, context = self._used.pop()
            if not context.pages:
                context.close()
                continue
            storage = {"origin": self._url, "storageTypes": "local_storage"}
            session = context.new_cdp_session(context.pages[0])
            session.send("Storage.clearDataForOrigin", storage)
            for page in context.pages:
                page.close()
            context.clear_cookies()
            self._free.setdefault(kind, []).append(context)


@pytest.fixture(scope="session")
def kept_windows(browser: Browser, live_server: LiveServer) -> Windows:
    return Windows(browser, live_server.url)


@pytest.fixture
def windows(kept_windows: Windows) -> Iterator[Windows]:
    """The windows of one test."""
    yield kept_windows
    kept_windows.give_back()


@pytest.fixture
def open_page(
    windows: Windows, live_server: LiveServer, transactional_db: None
) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of the site, signed in as a superuser.

    ``width`` is "desktop" or "phone"; ``has_scripts=False`` turns JavaScript off; ``scheme`` is
    "light" or "dark"; ``locale`` is the language and country of the browser. When the test ends,
    every error that a page met fails it.
    """
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            problems.append(message.text)

    def opener(
        path: str,
        *,
        width: str = "desktop",
        has_scripts: bool = True,
        scheme: Literal["light", "dark"] = "light",
        locale: str = "en-US",
        user: User | None = None,
        is_signed_in: bool = True,
    ) -> Page:
        context = windows.take(
            viewport=PHONE if width == "phone" else DESKTOP,
            java_script_enabled=has_scripts,
            color_scheme=scheme,
            locale=locale,
            reduced_motion="reduce",
        )
        if is_signed_in:
            context.add_cookies([session_cookie(live_server.url, user or superuser())])
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(path)
        return page

    yield opener
    windows.give_back()
    assert not problems, "\n".join(sorted(set(problems)))


def superuser() -> User:
    users = get_user_model().objects
    return users.filter(username="browser").first() or users.create_superuser("browser")


def session_cookie(url: str, user: User) -> Any:
    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


@pytest.fixture
def page(windows: Windows, live_server: LiveServer, transactional_db: None) -> Page:
    """A page of somebody signed in; answers other than 200 are no errors here."""
    context = windows.take(viewport=DESKTOP, reduced_motion="reduce")
    context.add_cookies([session_cookie(live_server.url, superuser())])
    return context.new_page()


def follow(control: Locator) -> None:
    """Click what leads to another page, and wait until that is loaded.

    A click alone may return before a busy browser has left the page.
    """
    with control.page.expect_navigation():
        control.click()


def violations(page: Page, *, only: str | None = None, without: str = "") -> list[str]:
    """Return what of a page a person with a keyboard or a screen reader would trip over.

    ``only`` names the one rule that is asked about; ``without`` is a selector of what is left out.
    """
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # What holds is not asked about in depth.
    options = {"resultTypes": ["violations"], **({"runOnly": [only]} if only else {})}
    run = "([context, options]) => axe.run(context, options)"
    context = {"exclude": [without]} if without else {"include": ["html"]}
    found = page.evaluate(run, [context, options])["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found
        for node in violation["nodes"]
    ]


def shoot(page: Page, name: str) -> None:
    """Write a screenshot of the whole page for people to look at, when the run was asked for them.

    ``SCREENSHOTS=folder make test`` writes them all.
    """
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
