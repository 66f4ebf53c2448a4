"""A Swedish merchant's and a French clerk's day, in the words that they read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.acts import Act
from fulfillment.models import Shipment
from inventory.models import InventoryConfiguration, Product, SourceItem
from orders.notices.send import send_queued
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.browser.back_office import sign_in
from tests.browser.conftest import follow
from tests.browser.reader import Reader
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inbox import text_of
from tests.orders.addresses import HOME

FILE = "source_code;sku;quantity\r\nmalmo;KAFFE;12,5\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageWords:
    """What a person chooses and reads, in one language."""

    log_in: str
    products: str
    option: str
    save: str
    orders: str
    order: str
    why: str
    reason_it_waits: str
    source_items: str
    import_a_file: str
    file: str
    check: str
    write: str
    written: str
    release: str
    reason: str
    ready: str
    ship: str
    shipped: str
    confirmed: str
    backordered: str
    total: str
    prepared: str
    subject: str
    greeting: str
    arrived: str


SWEDISH = LanguageWords(
    log_in="Logga in",
    products="Produkter",
    option="Meddela när kvantiteten är under",
    save="Spara och fortsätt redigera",
    orders="Ordrar",
    order="Order 1001",
    why="Varför den väntar",
    reason_it_waits="4,5 × KAFFE saknas: inget lager på en lagerplats som kan skicka ordern",
    source_items="Lagerposter",
    import_a_file="Importera en fil",
    file="Fil",
    check="Kontrollera filen",
    write="Importera filen",
    written="Filen är importerad.",
    release="Frisläpp nu",
    reason="Orsak",
    ready="Klart på malmo: 4,5 × KAFFE",
    ship="Skicka",
    shipped="4,5 enheter skickade från Malmö",
    confirmed="Din beställning 1001",
    backordered="Varav restnoterat: 4,5.",
    total="Totalt: 1\u00a0700,00 USD",
    prepared="Din beställning 1001 görs i ordning",
    subject="Din beställning 1001 är på väg till dig",
    greeting="Hej Ada Example,",
    arrived="Dina restnoterade varor har kommit in.",
)
FRENCH = LanguageWords(
    log_in="Se connecter",
    products="Produits",
    option="Quantité d’alerte",
    save="Enregistrer et continuer les modifications",
    orders="Commandes",
    order="Commande 1001",
    why="Motif de l’attente",
    reason_it_waits="Il manque 4,5 × KAFFE\u00a0: aucun stock dans une source qui peut expédier "
    "cette commande",
    source_items="Articles en source",
    import_a_file="Importer un fichier",
    file="Fichier",
    check="Vérifier le fichier",
    write="Importer le fichier",
    written="Le fichier est importé.",
    release="Débloquer maintenant",
    reason="Motif",
    ready="Prêt à la source malmo\u00a0: 4,5 × KAFFE",
    ship="Expédier",
    shipped="4,5 unités expédiées depuis Malmö",
    confirmed="Votre commande 1001",
    backordered="Dont en attente de réapprovisionnement : 4,5",
    total="Total\u00a0: 1\u202f700,00 USD",
    prepared="Votre commande 1001 est en préparation",
    subject="Votre commande 1001 est en route",
    greeting="Bonjour Ada Example,",
    arrived="Les articles que vous attendiez sont arrivés.",
)


@pytest.fixture
def shop(transactional_db: None) -> None:
    """4 kilograms of coffee in Malmö, which takes backorders; a person of two roles."""
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"notice_delay": 0})
    malmo = SourceFactory(code="malmo", name="Malmö")
    SalesChannelFactory(code="webb", stock=StockFactory(code="norden", sources=[malmo]))
    coffee = ProductFactory(
        sku="KAFFE",
        name="Zoégas",
        price=Decimal(200),
        backorders="ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER",
        qty_uses_decimals=True,
    )
    SourceItemFactory(product=coffee, source=malmo, quantity=Decimal(4))
    person = User.objects.create_user("lou", None, "backorders", is_staff=True)
    person.groups.set(Group.objects.filter(name__in=["Merchant", "Fulfillment"]))


def place(language: str) -> None:
    request = OrderRequest(
        address=HOME,
        channel="webb",
        customer=Customer("Ada Example", "ada@example.com", language),
        lines=(LineRequest("KAFFE", Decimal("8.5")),),
        number="1001",
        payment=PaymentRequest("sandbox"),
    )
    place_order(request, Act(timezone.now()))
    send_queued(now=timezone.now())


def look(reader: Reader) -> None:
    """The page is in the language alone, and its numbers have a decimal comma."""
    reader.page.wait_for_load_state()
    assert reader.problems() == [], reader.page.url
    assert re.findall(r"\d+\.\d+", reader.page.locator("#main-content").inner_text()) == []


def menu(page: Page, entry: str) -> None:
    """Choose an entry of the sidebar; before its words stands the name of its icon."""
    follow(page.get_by_role("link", name=re.compile(f"{entry}$")).first)


def test_a_swedish_merchants_day(
    open_page: Callable[..., Page], shop: None, inbox: list[Any], tmp_path: Path
) -> None:
    place("sv")
    page = open_page("/admin/login/", locale="sv-SE", is_signed_in=False)
    merchant = Reader("sv", page)

    expect(page.get_by_role("button", name=SWEDISH.log_in)).to_be_visible()
    look(merchant)
    sign_in(page, origin(page), "lou")
    work(merchant, SWEDISH, inbox, tmp_path)


def test_a_french_clerks_day_in_an_english_browser(
    open_page: Callable[..., Page], shop: None, inbox: list[Any], tmp_path: Path
) -> None:
    place("fr")
    page = open_page("/admin/login/", is_signed_in=False)
    clerk = Reader("fr", page)

    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    follow(page.get_by_role("button", name="Français"))
    expect(page.get_by_role("button", name=FRENCH.log_in)).to_be_visible()
    look(clerk)
    sign_in(page, origin(page), "lou")
    work(clerk, FRENCH, inbox, tmp_path)


def origin(page: Page) -> str:
    return str(page.evaluate("location.origin"))


def work(reader: Reader, words: LanguageWords, inbox: list[Any], folder: Path) -> None:
    look(reader)
    change_an_option(reader, words)
    find_why_the_order_waits(reader, words)
    import_a_file(reader, words, folder)
    release_and_ship_it(reader, words)
    read_the_customers_mail(reader, words, inbox)


def change_an_option(reader: Reader, words: LanguageWords) -> None:
    page = reader.page
    menu(page, words.products)
    look(reader)
    follow(page.get_by_role("link", name="KAFFE", exact=True))
    value = page.locator('[name="notify_quantity_below_value"]')
    page.locator(".options-folded > summary").click()
    expect(page.locator(".option-row", has=value)).to_contain_text(words.option)

    page.locator('[name="notify_quantity_below_use_config"]').uncheck()
    value.fill("12,5")
    follow(page.get_by_role("button", name=words.save, exact=True))

    expect(value).to_have_value("12,5")
    assert Product.objects.filter(notify_quantity_below=Decimal("12.5")).count() == 1
    look(reader)


def find_why_the_order_waits(reader: Reader, words: LanguageWords) -> None:
    page = reader.page
    menu(page, words.orders)
    look(reader)
    follow(page.get_by_role("link", name="1001", exact=True))
    expect(page.locator(".order").get_by_role("heading", name=words.order)).to_be_visible()
    look(reader)
    follow(page.get_by_role("link", name=waiting().number, exact=True))

    assert words.reason_it_waits in page.get_by_role("region", name=words.why).inner_text()
    look(reader)


def import_a_file(reader: Reader, words: LanguageWords, folder: Path) -> None:
    page = reader.page
    (folder / "saldo.csv").write_text(FILE)
    menu(page, words.source_items)
    look(reader)
    follow(page.get_by_role("link", name=words.import_a_file))
    page.get_by_label(words.file, exact=True).set_input_files(folder / "saldo.csv")
    look(reader)
    follow(page.get_by_role("button", name=words.check))
    assert "4 → 12,5" in page.locator("#changes tbody").inner_text()
    look(reader)
    follow(page.get_by_role("button", name=words.write))

    assert words.written in page.get_by_role("status").inner_text()
    look(reader)
    assert SourceItem.objects.get().quantity == Decimal("12.5")


def release_and_ship_it(reader: Reader, words: LanguageWords) -> None:
    page = reader.page
    shipment = waiting()
    page.goto(f"/admin/fulfillment/shipment/{shipment.pk}/change/")
    page.locator("summary", has_text=words.release).click()
    form = page.locator("#do-release")
    form.get_by_label(words.reason).fill("Zoégas")
    follow(form.get_by_role("button", name=words.release))
    assert words.ready in page.locator("#main-content").inner_text()
    look(reader)
    # What is being prepared is no news once it has left.
    send_queued(now=timezone.now())
    page.goto(f"/admin/fulfillment/shipment/{shipment.pk}/change/")
    look(reader)

    follow(page.get_by_role("button", name=words.ship, exact=True))

    assert words.shipped in page.locator("#main-content").inner_text()
    look(reader)
    shipment.refresh_from_db()
    assert shipment.state == Shipment.State.FULFILLED


def read_the_customers_mail(reader: Reader, words: LanguageWords, inbox: list[Any]) -> None:
    send_queued(now=timezone.now())
    confirmation, released, dispatched = inbox

    assert subject_of(confirmation) == words.confirmed
    assert words.backordered in text_of(confirmation)
    assert words.total in text_of(confirmation)
    assert subject_of(released) == words.prepared
    assert released["Content-Language"] == reader.language
    assert text_of(released).startswith(f"{words.greeting}\n\n{words.arrived}")
    assert "\n- 4,5 × Zoégas (KAFFE)\n" in text_of(released)
    assert subject_of(dispatched) == words.subject
    assert "\n- 4,5 × Zoégas (KAFFE)\n" in text_of(dispatched)

    page = reader.page
    follow(page.get_by_role("link", name=words.order))
    letter = page.locator("#order-emails ~ details").last
    letter.locator("summary").click()
    expect(letter.locator(".letter-subject")).to_have_text(words.subject)
    expect(letter).to_contain_text("4,5 × Zoégas (KAFFE)")
    look(reader)


def subject_of(message: Any) -> str:
    return str(make_header(decode_header(message["Subject"])))


def waiting() -> Shipment:
    return Shipment.objects.get(state=Shipment.State.BACKORDER)
