"""Products by SKU, barcode or name, future supply by reference, others by code or name."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q, QuerySet

from core.folding import folded
from core.name_order import by_name
from core.queries.search import Match, Way
from inventory.codes import spellings
from inventory.models import FutureSupply, ImportFile, Product

# Shorter words are similar to too many.
LEAST_SIMILAR = 4
# More products than these for one form share their names with others.
MOST_MEANT = 5_000


def product_ways(text: str) -> list[Way]:
    """Return how ``text`` finds products: by SKU, barcode and name, as searches compare them."""
    products, sought = Product.objects.order_by("sku"), folded(text)
    ways = [
        Way(
            Match.EXACT,
            products.filter(_any(("sku", "barcode", "name"), "folded", sought)),
        ),
        Way(
            Match.BEGINNING,
            products.filter(_any(("sku", "barcode", "name"), "folded__startswith", sought)),
        ),
        Way(Match.WORDS, _with_each_word(products, text, "sku", "name")),
    ]
    if len(forms := spellings(text.strip())) > 1:
        ways.insert(0, Way(Match.EXACT, products.filter(barcode__in=forms)))
    if len(text) >= LEAST_SIMILAR and text.isalpha():
        similar = products.filter(name__folded__trigram_word_similar=sought)
        ways.append(Way(Match.SIMILAR, similar))
    return ways


def skus_meant(texts: Collection[str]) -> dict[str, str]:
    """Return the SKU that each text means: it is the SKU, the barcode or the name of exactly one
    product, as searches compare them. One that differs in case alone comes before others. Texts
    that mean none, or several, are left out.
    """
    products = Product.objects.order_by()
    found = {sku: sku for sku in products.filter(sku__in=texts).values_list("sku", flat=True)}
    for column in ("barcode", "sku", "name"):
        left = {text: form for text in texts if text not in found and (form := folded(text))}
        if not left:
            break
        sought = set(left.values())
        if column == "barcode":
            sought |= {form for text in left for form in spellings(text)}
        known = products.filter(**{f"{column}__folded__in": sought})
        alike: dict[str, list[tuple[str, str]]] = {}
        for value, sku in known.values_list(column, "sku")[:MOST_MEANT]:
            alike.setdefault(folded(value), []).append((value.upper(), sku))
        for text, form in left.items():
            others = spellings(text) if column == "barcode" else ()
            forms = next((alike[one] for one in (form, *others) if one in alike), [])
            same = [sku for value, sku in forms if value == text.upper()]
            if len(meant := same or [sku for _value, sku in forms]) == 1:
                found[text] = meant[0]
    return found


def supply_ways(text: str) -> list[Way]:
    """Return how ``text`` finds future supply by its reference, the newest first."""
    supply = FutureSupply.objects.select_related("product", "source").order_by("-pk")
    sought = folded(text)
    return [
        Way(Match.EXACT, supply.filter(_any(["reference"], "folded", sought))),
        Way(Match.BEGINNING, supply.filter(_any(["reference"], "folded__startswith", sought))),
        Way(Match.WORDS, _with_each_word(supply, text, "reference")),
    ]


def coded_ways(rows: QuerySet[Any], text: str) -> list[Way]:
    """Return how ``text`` finds the few rows of a model that has a code and a name."""
    rows = rows.order_by(by_name("name"), "pk")
    return [
        Way(Match.EXACT, rows.filter(_any(("code", "name"), "folded", folded(text)))),
        Way(Match.WORDS, _with_each_word(rows, text, "code", "name")),
    ]


def file_ways(visible: Q, text: str) -> list[Way]:
    """Return how ``text`` finds imported files by name, among those ``visible``."""
    files = ImportFile.objects.without_texts().filter(visible).order_by("-pk")
    return [
        Way(Match.EXACT, files.filter(_any(["name"], "folded", folded(text)))),
        Way(Match.WORDS, _with_each_word(files, text, "name")),
    ]


def _with_each_word(rows: QuerySet[Any], text: str, *columns: str) -> QuerySet[Any]:
    """Keep the rows that have every word of ``text`` in one of the columns."""
    words = folded(text).split()
    for word in words:
        rows = rows.filter(_any(columns, "folded__contains", word))
    return rows if words else rows.none()


def _any(columns: Iterable[str], lookup: str, value: str) -> Q:
    """Match rows of which a column is as ``value``; what is typed of signs alone matches none."""
    condition = Q(pk__in=[])
    for column in columns if value else ():
        condition |= Q(**{f"{column}__{lookup}": value})
    return condition
