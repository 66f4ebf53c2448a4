"""Every page of ours: whole and readable in each language, at 1280 and 390 pixels, in light and in
dark.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import cycle
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, ViewportSize

from fulfillment.operations.upkeep.figures import refresh_figures
from inventory.models import Stock
from tests.browser.conftest import follow, shoot, superuser, violations
from tests.browser.layout import cut_off
from tests.browser.reader import LOCALES
from tests.pages import make_telling_rows, pages
from tests.stock_pages import make_stock_pages
from tests.test_roles import make_every_row

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
Way = tuple[ViewportSize, bool, str | None]
# What the theme does to a page when the scheme changes, without loading it again.
SCHEME = "isDark => document.documentElement.classList.toggle('dark', isDark)"
REVIEW = "/admin/fulfillment/shipment/review/"
# What axe asks depends on the width or on the colors. Each width and each scheme is asked about in
# full once; the other two pairs are asked about colors alone.
IN_FULL: tuple[Way, ...] = ((DESKTOP, False, None), (PHONE, True, None))
IN_COLORS: tuple[Way, ...] = ((DESKTOP, True, "color-contrast"), (PHONE, False, "color-contrast"))
ALL_WAYS = (*IN_FULL, *IN_COLORS)
# By turns, axe is asked about a page in full, or not at all.
NO_RULE = ""
UNASKED: tuple[Way, ...] = ((DESKTOP, False, NO_RULE), (PHONE, True, NO_RULE))
BY_TURNS = ((IN_FULL[0],), (UNASKED[1],), (IN_FULL[1],), (UNASKED[0],))
MENU = "#nav-sidebar"


@pytest.fixture
def quiet() -> Iterator[None]:
    """Addresses that answer otherwise are asked, too: nobody needs to read of them."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def telling(transactional_db: None, quiet: None) -> dict[str, str]:
    """Make one row of everything, and return the pages of those that have more to say."""
    # A browser's test leaves an empty database behind, without what migrations made.
    Stock.objects.get_or_create(code="default", defaults={"name": "Default"})
    make_every_row()
    made = {**make_telling_rows(superuser()), **make_stock_pages(superuser())}
    refresh_figures(now=datetime.now(UTC), zone=ZoneInfo("UTC"))
    return made


def problems(
    page: Page,
    *,
    ways: Sequence[Way] = ALL_WAYS,
    without: str = MENU,
    name: str = "",
) -> list[str]:
    """Return what is wrong with a page that was loaded, wide and narrow, light and dark.

    The menu is the same around every page, so axe looks at all but that: ``without`` is a selector.
    Pages with a ``name`` are pictured under it, when the run was asked for pictures.
    """
    headings = page.locator("h1").count()
    found = [] if headings == 1 else [f"{headings} headings of the first rank"]
    for window, is_dark, only in ways:
        page.set_viewport_size(window)
        page.evaluate(SCHEME, is_dark)
        way = f"{window['width']} {'dark' if is_dark else 'light'}"
        if only != NO_RULE:
            against = violations(page, only=only, without=without)
            found += [f"{way}: {violation}" for violation in against]
        found += [f"{way}: {sentence}" for sentence in cut_off(page)]
        if name:
            shoot(page, f"{name} {way}".replace(" ", "-"))
    return found


@pytest.fixture
def tabs(telling: dict[str, str], open_page: Callable[..., Page]) -> dict[str, Page]:
    """A browser in each language."""
    return {language: open_page("/admin/", locale=locale) for language, locale in LOCALES.items()}


def test_the_menu_around_every_page_is_readable(tabs: dict[str, Page]) -> None:
    for language, page in tabs.items():
        page.goto("/admin/inventory/product/")

        assert page.locator(f"{MENU} a").count() > 10
        assert problems(page, without="", ways=IN_FULL if language != "en" else ALL_WAYS) == []


@pytest.mark.parametrize(
    ("turns", "languages"),
    [
        (BY_TURNS, [("en",), ("sv",), ("fr",)]),
        pytest.param([ALL_WAYS], [("en", "sv", "fr")], marks=pytest.mark.long),
    ],
)
def test_every_page_is_whole_and_readable(
    tabs: dict[str, Page],
    telling: dict[str, str],
    turns: Sequence[Sequence[Way]],
    languages: Sequence[Sequence[str]],
) -> None:
    names = {address: name for name, address in telling.items()}
    addresses = [*telling.values(), *pages(superuser())]
    wrong: dict[tuple[str, str], list[str]] = {}

    for address, ways, spoken in zip(addresses, cycle(turns), cycle(languages), strict=False):
        for language in spoken:
            page = tabs[language]
            page.goto(address)
            name = f"{names[address]} {language}" if address in names else ""
            wrong[language, address] = problems(page, ways=ways, name=name)
            if page.evaluate("document.documentElement.lang") != language:
                wrong[language, address].append("another language")

    assert len(addresses) > 80
    assert {page: found for page, found in wrong.items() if found} == {}


PREVIEWS = ("HOLD", "SET_PRIORITY", "REASSIGN", "CANCEL", "RELEASE")


@pytest.mark.parametrize(
    ("action", "ways"),
    [
        *((action, [way]) for action, way in zip(PREVIEWS, cycle(IN_FULL), strict=False)),
        *(pytest.param(action, ALL_WAYS, marks=pytest.mark.long) for action in PREVIEWS),
    ],
)
def test_every_preview_is_whole_and_readable(
    open_page: Callable[..., Page], telling: dict[str, str], action: str, ways: Sequence[Way]
) -> None:
    page = open_page(REVIEW)
    page.locator("[data-select-all]").check()
    page.select_option("#bulk-action", action)
    follow(page.get_by_role("button", name="Continue"))
    wrong = problems(page, ways=ways)

    if action in ("SET_PRIORITY", "REASSIGN", "CANCEL"):
        if action == "SET_PRIORITY":
            page.fill("[name=priority]", "7")
        elif action == "CANCEL":
            page.select_option("[name=cause]", index=1)
        else:
            page.select_option("[name=source]", index=1)
        follow(page.get_by_role("button", name="Preview"))
        wrong += problems(page, ways=ways)

    assert page.locator(".bulk-table tbody tr").count() >= 2
    assert wrong == []
