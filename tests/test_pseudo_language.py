"""In a language whose translations are all ⟦marked⟧, pages show marked texts and data alone."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import trans_real

from fulfillment.models import ReleaseRun
from fulfillment.operations.figures import refresh_figures
from inventory.models import FutureSupply, InventoryConfiguration, Product, SourceItem
from orders.models import Order
from tests.test_admin_smoke import make_rows
from tests.test_translatable import LETTER, shown_in

pytestmark = pytest.mark.django_db

# What the rows of the test hold, and what no language changes.
DATA = re.compile(
    r"""
    \b(?:SKU|ORD|SHP|S|source|Source|stock|Stock|channel|program)-\d+\b | \bProduct(?=\ SKU) |
    \bAda\ Example\b | [\w.]+@[\w.]+ | \bproducts\.csv\b | \bUSD\b | \bmanual\b | \bshop\b |
    \bbok_[\w-]+ | \bUTC\b | \badmin\b | \bbackoffice\b | \bUS\b | \bdefault\b | celery@\S+ |
    \bSKU\b | \bCSV\b | \b\d+\ ?(?:ms|s|min|h)\b | \bPRODUCTS\b | \bplaced\b | ·\ en\b
    """,
    re.VERBOSE,
)


def marked(translate):
    def mark(*arguments):
        text = translate(*arguments)
        return f"⟦{text}⟧" if LETTER.search(text) else text

    return mark


@pytest.fixture(autouse=True)
def marks(monkeypatch):
    """Mark every translation; formats of dates and numbers stay as they are."""
    for name in ("gettext", "pgettext", "ngettext", "npgettext"):
        monkeypatch.setattr(translation._trans, name, marked(getattr(trans_real, name)), False)


def unmarked(text: str) -> str:
    """Return what is left of a text without what is marked, marks within marks included."""
    depth, kept = 0, []
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        kept.append(character if depth == 0 and character != "⟧" else "")
    return "".join(kept)


def untranslated(html: str) -> set[str]:
    main = html[html.index('id="main-content"') :]
    main = main[: main.index("</main>")]
    left = (DATA.sub("", unmarked(text)).strip() for text in shown_in(f"<main {main}"))
    return {text for text in left if LETTER.search(text)}


def addresses() -> dict[str, str]:
    make_rows(0)
    now = timezone.now()
    refresh_figures(now=now, zone=timezone.get_current_timezone())
    InventoryConfiguration.load()
    run = ReleaseRun.objects.order_by("pk").last()
    pages = {
        "dashboard": reverse("admin:index"),
        "release board": reverse("admin:fulfillment_release_board"),
        "release run": reverse("admin:fulfillment_releaserun_change", args=[run.pk]),
        "backorder review": reverse("admin:fulfillment_shipment_review"),
        "configuration": reverse("admin:inventory_inventoryconfiguration_change", args=[1]),
    }
    for model in (Product, SourceItem, FutureSupply, Order):
        row = model.objects.order_by("pk").last()
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        pages[f"{name} list"] = reverse(f"admin:{name}_changelist")
        pages[name] = reverse(f"admin:{name}_change", args=[row.pk])
    return pages


def test_pages_show_nothing_that_is_not_translated(admin_client):
    found = {}
    for name, address in addresses().items():
        response = admin_client.get(address)
        assert response.status_code == 200, name
        found[name] = untranslated(response.text)

    assert {name: texts for name, texts in found.items() if texts} == {}


def test_what_is_not_marked_is_found():
    page = '<main id="main-content"><p>⟦Marked ⟦twice⟧ 3⟧ SKU-1</p><p>Bare</p></main>'

    assert untranslated(page) == {"Bare"}
