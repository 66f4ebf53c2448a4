"""In a language whose translations are all ⟦marked⟧, pages show marked texts and data alone."""

import re
import zoneinfo
from collections.abc import Callable, Iterator
from datetime import date
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.template import Context, Template, base
from django.test import Client
from django.utils import formats, timezone
from django.utils.translation import trans_real
from django_countries import countries

from core.admin.currency_field import currency_choices
from core.countries import country_choices
from core.formats import date_text
from fulfillment.admin.fields import NOBODY
from fulfillment.admin.review.actions import MOVES
from fulfillment.models import Shipment
from fulfillment.operations.upkeep.figures import refresh_figures
from orders.models import OrderEmail
from tests.customer_pages import customer_pages, text_of
from tests.every_email import texts_in
from tests.example_texts import without_examples
from tests.fulfillment.review.bulk_moves import address_of, shown
from tests.lints.translations import LETTER, shown_in
from tests.pages import make_telling_rows, pages
from tests.test_roles import make_every_row

pytestmark = pytest.mark.django_db

# What the rows of the test hold, and what no language changes.
DATA = re.compile(
    r"""
    \b(?:SKU|ORD|SHP|S|source|Source|stock|Stock|channel|program)-\d+\b | \bProduct(?=\ SKU) |
    \bAda(?:\ Example)?\b | [\w.]+@[\w.]+ | \bproducts\.csv\b | \bUSD\b | \bmanual\b | \bshop\b |
    \bbok_[\w-]+ | \bUTC\b | \badmin\b | \bbackoffice\b | \bUS\b | \bdefault\b | celery@\S+ |
    \bSKU\b | \bCSV\b | \b\d+\ ?(?:ms|s|min|h)\b | \bPRODUCTS\b | \bplaced\b | ·\ en\b |
    \Aen\Z | \b[a-z]+_[a-z_]+\b | \bnowhere\b | \bsku\b | "\w+" | \brelease-\d+-\d+\b |
    \bsandbox\b | https://\S+ | \bOur\ van\b | \bUPS\b | \b1Z7731\b | \bMine\b |
    \bLund\b | \bKungsgatan\ 1\b |
    \bkind-\d+\b | \bSet\ status\b | \bDefault\ (?:Source|Stock)\b |
    \A(?:Merchant|Fulfillment|Operations|Viewer)\Z | \(m/h/dM/MY/d\) |
    \b(?:config|core|fulfillment|inventory|orders)\.\w+
    """,
    re.VERBOSE,
)
# No language changes the names of time zones, and currencies have catalogues of their own.
ZONES = zoneinfo.available_timezones()
CURRENCIES = {name for _code, name in currency_choices()}
# Companies.
usual = import_module("fulfillment.migrations.0004_usual_carriers")
CARRIERS = {text for carrier in usual.CARRIERS for text in carrier[:2]}
KEPT = ZONES | CURRENCIES | CARRIERS
MARK = re.compile("([⟦⟧])")
# Codes, and fields with a text that is in a language of its own, whichever the page is in.
CODE = re.compile(
    r"<code\b[^>]*>[^<]*</code>|<textarea\b[^>]*\slang=[^>]*>[^<]*</textarea>|<input\b[^>]*\slang=[^>]*>"
)


def marked(translate: Any) -> Callable[..., Any]:
    def mark(*arguments: Any) -> Any:
        text = translate(*arguments)
        return f"⟦{text}⟧" if LETTER.search(text) else text

    return mark


@pytest.fixture(autouse=True)
def marks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Mark every translation; formats of dates and numbers stay as they are.

    Names of countries and dates are kept by language, so those of the language without marks are
    read before, as by any other test, and neither of the two outlives its test.
    """
    country_choices()
    del countries.countries
    date_text.cache_clear()
    for name in ("gettext", "pgettext", "ngettext", "npgettext"):
        translate = f"django.utils.translation._trans.{name}"
        monkeypatch.setattr(translate, marked(getattr(trans_real, name)), raising=False)
    yield
    del countries.countries
    date_text.cache_clear()


@pytest.fixture(autouse=True)
def bare_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show words for each date that Django writes by itself: it knows no French *1er mai*."""
    localize = formats.localize

    def without_dates(value: Any, use_l10n: bool | None = None) -> Any:
        return "Bare date" if isinstance(value, date) else localize(value, use_l10n=use_l10n)

    for module in (formats, base):
        monkeypatch.setattr(module, "localize", without_dates)


def unmarked(html: str) -> str:
    """Return what is left of a page without what is marked, marks within marks included."""
    depth, kept = 0, []
    for part in MARK.split(html):
        depth += (part == "⟦") - (part == "⟧")
        kept.append(part if depth == 0 and part != "⟧" else "")
    assert depth == 0, "Something cuts a translation in two."
    return "".join(kept)


def untranslated(html: str) -> set[str]:
    """Return what a page shows unmarked, save what stands in code: names of a file's columns."""
    main = html[html.index('id="main-content"') :]
    main = CODE.sub("", unmarked(main[: main.index("</main>")]))
    texts = (text for text in shown_in(f"<main {main}") if text.strip() not in KEPT)
    left = (DATA.sub("", without_examples(text)).strip() for text in texts)
    return {text for text in left if LETTER.search(text)}


@pytest.fixture
def rows(admin_user: User) -> dict[str, str]:
    """Make one row of everything, and return the pages of those that have more to say."""
    make_every_row()
    telling = make_telling_rows(admin_user)
    refresh_figures(now=timezone.now(), zone=timezone.get_current_timezone())
    return telling


def test_pages_show_nothing_that_is_not_translated(
    admin_client: Client, admin_user: User, rows: dict[str, str]
) -> None:
    telling = {address: admin_client.get(address) for address in rows.values()}
    shown = {**{address: answer.text for address, answer in telling.items()}, **pages(admin_user)}
    found = {address: untranslated(text) for address, text in shown.items()}

    assert {answer.status_code for answer in telling.values()} == {200}
    assert len(found) > 80
    assert {address: texts for address, texts in found.items() if texts} == {}


@pytest.mark.parametrize("action", [action.code for action in MOVES])
def test_previews_show_nothing_that_is_not_translated(
    admin_client: Client, rows: dict[str, str], action: Any
) -> None:
    shipments = list(Shipment.objects.order_by("pk"))
    chosen = {"shipment": [shipment.pk for shipment in shipments]}
    told = {"priority": "3", "source": "source-0900", "expected_on": "", "username": NOBODY}

    asking = admin_client.get(address_of(admin_client, action, **chosen))
    preview = shown(admin_client, action, told, **chosen)

    assert untranslated(asking.text) == set()
    assert untranslated(preview.text) == set()
    assert preview.text.count('<tr class="is-') == len(shipments)


def test_e_mails_say_nothing_that_is_not_translated() -> None:
    texts = texts_in("en")

    lines = {DATA.sub("", line) for text in texts for line in unmarked(text).splitlines()}

    assert len(texts) > 2 * len(OrderEmail.Kind)
    assert {line for line in lines if LETTER.search(line)} == set()


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_pages_that_customers_open_show_nothing_that_is_not_translated(settings: Any) -> None:
    answers = customer_pages("en", settings)

    found = {name: untranslated(text_of(page)) for name, page in answers.items()}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_countries_are_marked_whoever_read_them_before() -> None:
    assert {name[0] + name[-1] for _code, name in country_choices()} == {"⟦⟧"}


def test_what_is_not_marked_is_found() -> None:
    page = '<main id="main-content"><p>⟦Marked <a>⟦twice⟧ 3</a>⟧ SKU-1</p><p>Bare</p></main>'

    assert untranslated(page) == {"Bare"}


def test_dates_that_django_writes_are_found() -> None:
    page = '<main id="main-content"><p>{{ on }}</p></main>'

    assert untranslated(Template(page).render(Context({"on": date(2026, 5, 1)}))) == {"Bare date"}
