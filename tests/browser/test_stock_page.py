"""The sources of a stock: their priorities are dragged, or numbered with the keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from inventory import ports
from inventory.models import Stock
from tests.browser.conftest import follow
from tests.factories.inventory import SourceFactory, StockFactory
from tests.quiet_engine import QuietEngine


@pytest.fixture
def stock(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Stock:
    monkeypatch.setattr(ports, "_registered", [QuietEngine()])
    return StockFactory(sources=[SourceFactory(code=code) for code in ("oslo", "riga", "bern")])


def priorities(stock: Stock) -> list[tuple[str, int]]:
    links = stock.links.order_by("priority")
    return list(links.values_list("source__code", "priority"))


def save(page: Page) -> None:
    follow(page.locator('[name="_continue"]'))


def test_the_first_source_is_dragged_to_the_end(
    open_page: Callable[..., Page], stock: Stock
) -> None:
    page = open_page(f"/admin/inventory/stock/{stock.pk}/change/")
    handles = page.locator(r"#links-data [x-sort\:handle]")
    first, last = handles.nth(0).bounding_box(), handles.nth(2).bounding_box()
    assert first is not None
    assert last is not None

    page.mouse.move(first["x"] + 10, first["y"] + 10)
    page.mouse.down()
    page.mouse.move(first["x"] + 12, first["y"] + 40, steps=5)
    page.mouse.move(last["x"] + 12, last["y"] + 30, steps=15)
    page.wait_for_timeout(300)
    page.mouse.up()
    page.wait_for_function("document.querySelector('[name$=\"-0-priority\"]').value === '2'")
    save(page)

    assert priorities(stock) == [("riga", 1), ("bern", 2), ("oslo", 3)]


def test_without_scripts_sources_are_numbered(open_page: Callable[..., Page], stock: Stock) -> None:
    page = open_page(f"/admin/inventory/stock/{stock.pk}/change/", has_scripts=False)

    page.locator('[name="links-0-priority"]').fill("9")
    save(page)

    assert priorities(stock) == [("riga", 1), ("bern", 2), ("oslo", 3)]
