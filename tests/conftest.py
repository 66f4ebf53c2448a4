"""What all tests share."""

import gc
import os
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.http import HttpResponse
from django.template import Context, Template
from django.test import TransactionTestCase, override_settings
from django.test.signals import template_rendered
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import trans_real
from pytest_django import DjangoDbBlocker
from whitenoise.middleware import WhiteNoiseMiddleware

from config import error_pages
from config.catalogues import compile_catalogues
from inventory.admin.low_stock import KEY as LOW_COUNT
from tests import examples
from tests.database import MigratedRows, copied, ensure_template
from tests.inbox import inbox, sends_at_once

__all__ = ["inbox", "sends_at_once"]


def pytest_configure(config: pytest.Config) -> None:
    examples.choose(config.option.markexpr)
    compile_catalogues()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that leaves itself out where nothing may be: in the gate."""
    report = yield
    if report.skipped and os.environ.get("NOTHING_LEFT_OUT") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


def pytest_collection_finish() -> None:
    """Look seldom for garbage, and never among what all tests share."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of this run share, and no other run."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, run_folder: Path
) -> Iterator[None]:
    """A database for this process; what a test commits is taken back after it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    name = f"test_{project.DATABASES['default']['NAME']}{worker}"
    with django_db_blocker.unblock():
        ensure_template(run_folder)
        with copied(name), pytest.MonkeyPatch.context() as patch:
            migrated = MigratedRows.read()
            patch.setattr(
                TransactionTestCase, "_fixture_teardown", lambda _test: migrated.restore()
            )
            yield


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Hash passwords once: a million rounds for each user of each test took most of the time."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _site_language() -> Iterator[None]:
    """End the language of the last page, in which the thread of a request stays."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def _contexts_of_pages(django_test_environment: None) -> Iterator[None]:
    """Keep the contexts of pages, and none of widgets: that doubled the time a form took."""

    def render(template: Template, context: Context) -> SafeString:
        if "/widgets/" not in (template.name or ""):
            template_rendered.send(sender=template, template=template, context=context)
        return template.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Template, "_render", render)
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_found_once() -> Iterator[None]:
    """Look for the static files once: each client of a test looked for every one again."""
    find = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, Any] = {}

    def reuse(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            find(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(WhiteNoiseMiddleware, "add_files_from_finders", reuse)
        yield


@pytest.fixture(scope="session", autouse=True)
def _language_of_a_thread() -> Iterator[None]:
    """Keep the language in use where a thread finds it at once: each word of a page asks for it,
    and asking for one that is kept for coroutines too took a twentieth of the time of a page.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(trans_real, "_active", threading.local())
        yield


@pytest.fixture(autouse=True)
def _in_english() -> None:
    """Begin in the site's language: a page that an earlier test read leaves its own active."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _counted_already(request: pytest.FixtureRequest) -> None:
    """Keep the menu's count: a page that finds it expired asks two queries more than the last."""
    if request.node.get_closest_marker("pure") is None:
        cache.set(LOW_COUNT, 0, None)


@pytest.fixture
def each_error_page_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw each page that refuses a request once: it says the same wherever it is refused."""
    draw = error_pages.render
    drawn: dict[str, HttpResponse] = {}

    def render(request: Any, *, again: Any = None, **words: Any) -> HttpResponse:
        if again is not None:
            return draw(request, again=again, **words)
        page = f"{words}"
        if page not in drawn:
            drawn[page] = draw(request, **words)
        return HttpResponse(drawn[page].content, status=words["status"])

    monkeypatch.setattr(error_pages, "render", render)


DATABASE = {"db", "transactional_db", "live_server", "django_db_setup"}
# Tests here start programs, or drive them.
OF_PROCESSES = ("tests/faults/", "tests/browser/", "tests/config/")


def pytest_itemcollected(item: pytest.Function) -> None:
    """Mark the tests that are pure: they need no service, and start no process."""
    if (
        not DATABASE.intersection(item.fixturenames)
        and not any(item.iter_markers("django_db"))
        and not any(item.iter_markers("long"))
        and not item.nodeid.startswith(OF_PROCESSES)
    ):
        item.add_marker("pure")


# What takes longest begins first, so that no worker is left alone with it at the end.
SLOW = (
    "tests/faults/test_parts_away",
    "tests/faults/test_broker_away",
    "tests/machine/",
    "tests/browser/test_every_page",
    "tests/config/test_api_contract",
    "tests/browser/test_story",
    *OF_PROCESSES,
    "tests/test_",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put slow tests first."""

    def turn(item: pytest.Item) -> int:
        turns = (n for n, start in enumerate(SLOW) if item.nodeid.startswith(start))
        return next(turns, len(SLOW))

    items.sort(key=turn)
