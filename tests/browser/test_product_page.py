"""The product's page as a merchant uses it, in a real browser."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect
from unfold.widgets import CHECKBOX_CLASSES, INPUT_CLASSES, SELECT_CLASSES

from inventory import ports
from inventory.models import InventoryConfiguration, Product
from tests.browser.conftest import follow
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.option_values import own_value, own_values
from tests.quiet_engine import QuietEngine


@pytest.fixture
def product(transactional_db: None) -> Product:
    """The example of the seeds: 25 on hand, notify 10, Only X left 5, −50, backorders allowed."""
    product = ProductFactory(
        sku="EXAMPLE",
        name="Example",
        backorders="ALLOW_QTY_BELOW_0",
        out_of_stock_threshold=Decimal(-50),
        notify_quantity_below=Decimal(10),
        only_x_left_threshold=Decimal(5),
    )
    seattle, london = SourceFactory(code="seattle"), SourceFactory(code="london")
    StockFactory(code="northwind", sources=[seattle, london])
    SourceItemFactory(product=product, source=seattle, quantity=Decimal(20))
    SourceItemFactory(product=product, source=london, quantity=Decimal(5))
    return product


def url(product: Product) -> str:
    return f"/admin/inventory/product/{product.pk}/change/"


def control(page: Page, name: str) -> Locator:
    return page.locator(f'.field-line [data-option="{name}"]')


def value(page: Page, name: str) -> Locator:
    return page.locator(f'[name="{name}_value"]')


def box(page: Page, name: str) -> Locator:
    return page.locator(f'[name="{name}_use_config"]')


def is_within_the_phone(found: Locator) -> bool:
    bounds = found.bounding_box()
    return bounds is not None and bounds["x"] >= 0 and bounds["x"] + bounds["width"] <= 390


def unfold(page: Page) -> None:
    """Open the line of the options that follow the configuration."""
    page.locator(".options-folded > summary").click()


def save(page: Page) -> None:
    follow(page.locator('[name="_continue"]'))


def test_unticking_gives_the_former_value_back_and_the_focus(
    open_page: Callable[..., Page], product: Product
) -> None:
    page = open_page(url(product))

    box(page, "out_of_stock_threshold").check()
    expect(value(page, "out_of_stock_threshold")).to_be_disabled()
    expect(value(page, "out_of_stock_threshold")).to_have_value("0")
    box(page, "out_of_stock_threshold").uncheck()

    expect(value(page, "out_of_stock_threshold")).to_have_value("-50")
    expect(value(page, "out_of_stock_threshold")).to_be_focused()


def test_ticked_and_saved_it_follows_the_configuration_after_a_reload(
    open_page: Callable[..., Page], product: Product
) -> None:
    page = open_page(url(product))

    box(page, "notify_quantity_below").check()
    save(page)
    page.reload()

    product.refresh_from_db()
    assert own_value(product, "notify_quantity_below") is None
    expect(box(page, "notify_quantity_below")).to_be_checked()
    expect(value(page, "notify_quantity_below")).to_have_value("1")


def test_unticked_and_saved_it_has_its_own_value_after_a_reload(
    open_page: Callable[..., Page], product: Product
) -> None:
    page = open_page(url(product))

    unfold(page)
    box(page, "max_cart_qty").uncheck()
    value(page, "max_cart_qty").fill("12")
    save(page)
    page.reload()

    product.refresh_from_db()
    assert own_value(product, "max_cart_qty") == Decimal("12.0000")
    expect(box(page, "max_cart_qty")).not_to_be_checked()
    expect(value(page, "max_cart_qty")).to_have_value("12")


def test_the_salable_quantity_follows_what_is_typed_and_nothing_is_saved(
    open_page: Callable[..., Page], product: Product
) -> None:
    page = open_page(url(product))
    expect(page.locator('[data-stock="northwind"]')).to_have_text("75")

    value(page, "out_of_stock_threshold").fill("-60")
    expect(page.locator('[data-stock="northwind"]')).to_have_text("85")
    expect(control(page, "out_of_stock_threshold").locator("[data-words]")).to_have_text(
        "Up to 60 more than the quantity on hand can be sold."
    )
    page.locator('[name="source_items-0-quantity"]').fill("7")

    expect(page.locator('[data-stock="northwind"]')).to_have_text("87")
    product.refresh_from_db()
    assert own_value(product, "out_of_stock_threshold") == Decimal(-50)


def test_the_result_stands_beside_the_field_that_is_changed(
    open_page: Callable[..., Page], product: Product
) -> None:
    page = open_page(url(product))
    row = page.locator(".option-row", has=value(page, "out_of_stock_threshold"))

    value(page, "out_of_stock_threshold").fill("-60")
    expect(row.locator(".option-result")).to_have_text("Salable · northwind: 75 → 85")
    page.locator('[name="source_items-0-quantity"]').fill("7")

    at_source = page.locator("td.field-quantity .option-result")
    expect(at_source).to_have_text("Salable · northwind: 75 → 87")
    expect(page.locator(".option-result")).to_have_count(1)
    page.locator('[name="source_items-0-quantity"]').fill("5")
    value(page, "out_of_stock_threshold").fill("-50")
    expect(page.locator(".option-result")).to_have_count(0)


@pytest.mark.parametrize("has_scripts", [True, False])
def test_backorders_go_off_for_one_product_in_four_clicks(
    open_page: Callable[..., Page], product: Product, has_scripts: bool
) -> None:
    Product.objects.filter(pk=product.pk).update(backorders=None)
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(backorders="ALLOW_QTY_BELOW_0")
    page = open_page("/admin/", has_scripts=has_scripts)
    clicks = 0

    def click(locator: Locator) -> None:
        nonlocal clicks
        clicks += 1
        follow(locator)

    click(page.locator("#nav-sidebar a", has_text="Products"))
    click(page.get_by_role("link", name="EXAMPLE", exact=True))
    click(page.get_by_role("link", name="Turn off"))
    expect(value(page, "backorders")).to_have_value("NO_BACKORDERS")
    product.refresh_from_db()
    assert own_value(product, "backorders") is None
    click(page.locator('[name="_save"]'))

    product.refresh_from_db()
    assert own_value(product, "backorders") == "NO_BACKORDERS"
    assert clicks == 4


def test_each_source_says_what_it_does_while_it_is_typed_in(
    open_page: Callable[..., Page], product: Product
) -> None:
    page = open_page(url(product))
    row = "source_items-0-notify_quantity_below"

    box(page, row).uncheck()
    value(page, row).fill("3")

    words = page.locator(f'[data-use-config]:has([name="{row}_value"]) [data-words]')
    expect(words).to_have_text("Low where fewer than 3 are on hand.")


def test_a_source_is_unassigned_with_the_keyboard(
    open_page: Callable[..., Page], product: Product
) -> None:
    page = open_page(url(product))
    removal = page.get_by_role("checkbox", name="Remove EXAMPLE @ london")

    removal.focus()
    page.keyboard.press("Space")
    expect(removal).to_be_checked()
    save(page)

    assert [item.source.code for item in product.source_items.all()] == ["seattle"]


def test_dependent_fields_hide_while_stock_is_not_managed(
    open_page: Callable[..., Page], product: Product
) -> None:
    page = open_page(url(product))
    unfold(page)
    expect(control(page, "backorders")).to_be_visible()
    expect(control(page, "min_cart_qty")).to_be_visible()
    expect(control(page, "qty_increments")).to_be_hidden()

    box(page, "manage_stock").uncheck()
    value(page, "manage_stock").select_option("False")
    box(page, "enable_qty_increments").uncheck()
    value(page, "enable_qty_increments").select_option("True")

    expect(control(page, "backorders")).to_be_hidden()
    expect(control(page, "qty_increments")).to_be_visible()
    expect(control(page, "min_cart_qty")).to_be_visible()


def test_without_scripts_a_ticked_box_wins_over_what_is_typed(
    open_page: Callable[..., Page], product: Product
) -> None:
    page = open_page(url(product), has_scripts=False)

    unfold(page)
    value(page, "max_cart_qty").fill("3")
    box(page, "min_cart_qty").uncheck()
    value(page, "min_cart_qty").fill("2")
    save(page)

    product.refresh_from_db()
    assert own_values(product, "max_cart_qty", "min_cart_qty") == (None, Decimal(2))
    expect(control(page, "backorders")).to_be_visible()


def test_without_scripts_the_sources_are_edited_and_one_is_unassigned(
    open_page: Callable[..., Page], product: Product
) -> None:
    page = open_page(url(product), has_scripts=False)
    codes = page.locator(".fixed-source")
    london = codes.all_inner_texts().index("london")
    kept, gone = f"source_items-{1 - london}", f"source_items-{london}"

    page.locator(f'[name="{kept}-quantity"]').fill("8")
    box(page, f"{kept}-notify_quantity_below").uncheck()
    value(page, f"{kept}-notify_quantity_below").fill("2")
    page.locator(f'[name="{gone}-DELETE"]').check()
    save(page)

    item = product.source_items.get()
    assert (item.source.code, item.quantity) == ("seattle", Decimal(8))
    assert own_values(item, "notify_quantity_below", "backorders") == (Decimal(2), None)


def test_a_phone_shows_every_control_within_its_width(
    open_page: Callable[..., Page], product: Product
) -> None:
    page = open_page(url(product), width="phone")

    for name in ("backorders", "out_of_stock_threshold", "only_x_left_threshold"):
        assert is_within_the_phone(control(page, name))
    for name in ("quantity", "backorders_value", "notify_quantity_below_value"):
        assert is_within_the_phone(page.locator(f'[name="source_items-1-{name}"]'))
    value(page, "out_of_stock_threshold").fill("-40")
    save(page)

    product.refresh_from_db()
    assert own_value(product, "out_of_stock_threshold") == Decimal(-40)


def test_the_configuration_is_edited_with_use_system_value(
    open_page: Callable[..., Page], product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "_registered", [QuietEngine()])
    InventoryConfiguration.load()
    page = open_page("/admin/inventory/inventoryconfiguration/1/change/")
    expect(value(page, "backorders")).to_be_disabled()

    box(page, "backorders").uncheck()
    value(page, "backorders").select_option("ALLOW_QTY_BELOW_0")
    expect(control(page, "backorders").locator("[data-words]")).to_have_text(
        "Unlimited backorders."
    )
    page.locator('[name="future_date_limit_use_config"]').uncheck()
    page.locator('[name="future_date_limit_value_quantity"]').fill("6")
    page.locator('[name="future_date_limit_value_unit"]').select_option("WEEKS")
    save(page)

    configuration = InventoryConfiguration.load()
    assert own_value(configuration, "backorders") == "ALLOW_QTY_BELOW_0"
    assert str(own_value(configuration, "future_date_limit")) == "P6W"


@pytest.mark.parametrize(("width", "has_scripts"), [("desktop", False), ("phone", True)])
def test_the_configuration_is_edited_without_scripts_and_on_a_phone(
    open_page: Callable[..., Page],
    product: Product,
    monkeypatch: pytest.MonkeyPatch,
    width: str,
    has_scripts: bool,
) -> None:
    monkeypatch.setattr(ports, "_registered", [QuietEngine()])
    InventoryConfiguration.load()
    page = open_page(
        "/admin/inventory/inventoryconfiguration/1/change/", width=width, has_scripts=has_scripts
    )
    if width == "phone":
        for name in ("not_available_message", "backorders", "future_date_limit"):
            assert is_within_the_phone(control(page, name))

    box(page, "max_cart_qty").uncheck()
    value(page, "max_cart_qty").fill("25")
    if not has_scripts:
        value(page, "min_cart_qty").fill("9")  # its box stays ticked
    save(page)
    page.reload()

    configuration = InventoryConfiguration.load()
    assert own_values(configuration, "max_cart_qty", "min_cart_qty") == (Decimal(25), None)
    expect(box(page, "max_cart_qty")).not_to_be_checked()
    expect(value(page, "max_cart_qty")).to_have_value("25")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_only_what_differs_is_shown_where_that_is_asked_for(
    open_page: Callable[..., Page], transactional_db: None, has_scripts: bool
) -> None:
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(max_cart_qty=25)
    page = open_page("/admin/inventory/inventoryconfiguration/1/change/", has_scripts=has_scripts)
    rows = page.locator(".option-row:visible")
    # Increments and the like are hidden by a script while they have no effect.
    assert rows.count() >= 28

    page.get_by_label("Only what differs").check()

    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Maximum Qty Allowed in Shopping Cart")
    expect(page.locator(".options-none:visible")).to_have_count(4)
    page.get_by_label("Only what differs").uncheck()
    page.get_by_role("link", name="Backorder Release").click()
    expect(page.locator("#release-title")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Stock Options", exact=True)).to_be_in_viewport()


def test_a_source_is_found_by_typing_and_assigned(
    open_page: Callable[..., Page], product: Product
) -> None:
    SourceFactory(code="aberdeen")
    page = open_page(url(product))

    page.locator("#source_items-group a.add-row").click()
    page.locator("#source_items-group .select2-selection").last.click()
    page.locator(".select2-search__field").fill("aber")
    page.locator(".select2-results__option", has_text="aberdeen").click()
    page.locator('[name="source_items-2-quantity"]').fill("3")
    save(page)

    item = product.source_items.get(source__code="aberdeen")
    assert item.quantity == Decimal(3)


THEME_CLASSES = {
    ".control-input:not(select)": INPUT_CLASSES,
    ".control-select": SELECT_CLASSES,
    ".control-box": CHECKBOX_CLASSES,
}
# What a person sees of a control, as the browser computes it.
LOOK = """([selector, classes]) => {
  const control = document.querySelector(selector);
  const seen = () => {
    const {borderTop, borderRadius, backgroundColor, color, fontSize, fontWeight, height, padding,
      width} = getComputedStyle(control);
    return {borderTop, borderRadius, backgroundColor, color, fontSize, fontWeight, height, padding,
      width};
  };
  const ours = seen();
  control.className = classes;
  return [ours, seen()];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_controls_look_as_the_theme_draws_them(
    open_page: Callable[..., Page], product: Product, scheme: str
) -> None:
    page = open_page(url(product), scheme=scheme)

    for bounds, classes in THEME_CLASSES.items():
        ours, theirs = page.evaluate(LOOK, [f"#source_items-data {bounds}", " ".join(classes)])

        assert ours == theirs
        assert ours["borderTop"].startswith("1px solid")
