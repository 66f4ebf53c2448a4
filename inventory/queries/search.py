"""Products by SKU, barcode and name, future supply by reference, and what has a code and a name."""

from collections.abc import Collection
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Upper

from core.name_order import by_name
from core.queries.search import Match, Way
from inventory.models import FutureSupply, ImportFile, Product

# Shorter words are similar to too many.
LEAST_SIMILAR = 4
# More products than these for one form share their names with others.
MOST_MEANT = 5_000


def product_ways(text: str) -> list[Way]:
    """Return how ``text`` finds products: by SKU, barcode and name, in any case."""
    products = Product.objects.order_by("sku")
    ways = [
        Way(
            Match.EXACT,
            products.filter(Q(sku__iexact=text) | Q(barcode=text) | Q(name__iexact=text)),
        ),
        Way(
            Match.BEGINNING,
            products.filter(
                Q(sku__istartswith=text) | Q(barcode__startswith=text) | Q(name__istartswith=text)
            ),
        ),
        Way(Match.WORDS, _with_each_word(products, text, "sku", "name")),
    ]
    if len(text) >= LEAST_SIMILAR and text.isalpha():
        similar = products.alias(upper_name=Upper("name"))
        ways.append(Way(Match.SIMILAR, similar.filter(upper_name__trigram_word_similar=text)))
    return ways


def skus_meant(texts: Collection[str]) -> dict[str, str]:
    """Return the SKU that each text means: it is the SKU, in any case, or the barcode or the name
    of exactly one product. Texts that mean none, or several, are left out.
    """
    products = Product.objects.order_by()
    found = {sku: sku for sku in products.filter(sku__in=texts).values_list("sku", flat=True)}
    for column in (F("barcode"), Upper("sku"), Upper("name")):
        left = [text for text in texts if text not in found]
        if not left:
            break
        known = products.annotate(known=column).filter(known__in={text.upper() for text in left})
        meant: dict[str, list[str]] = {}
        for name, sku in known.values_list("known", "sku")[:MOST_MEANT]:
            meant.setdefault(name, []).append(sku)
        for text in left:
            if len(skus := meant.get(text.upper(), [])) == 1:
                found[text] = skus[0]
    return found


def supply_ways(text: str) -> list[Way]:
    """Return how ``text`` finds future supply by its reference, the newest first."""
    supply = FutureSupply.objects.select_related("product", "source").order_by("-pk")
    return [
        Way(Match.EXACT, supply.filter(reference__iexact=text)),
        Way(Match.BEGINNING, supply.filter(reference__istartswith=text)),
        Way(Match.WORDS, _with_each_word(supply, text, "reference")),
    ]


def coded_ways(rows: QuerySet[Any], text: str) -> list[Way]:
    """Return how ``text`` finds the few rows of a model that has a code and a name."""
    rows = rows.order_by(by_name("name"), "pk")
    return [
        Way(Match.EXACT, rows.filter(Q(code__iexact=text) | Q(name__iexact=text))),
        Way(Match.WORDS, _with_each_word(rows, text, "code", "name")),
    ]


def file_ways(visible: Q, text: str) -> list[Way]:
    """Return how ``text`` finds imported files by name, among those ``visible``."""
    files = ImportFile.objects.without_texts().filter(visible).order_by("-pk")
    return [
        Way(Match.EXACT, files.filter(name__iexact=text)),
        Way(Match.WORDS, _with_each_word(files, text, "name")),
    ]


def _with_each_word(rows: QuerySet[Any], text: str, *columns: str) -> QuerySet[Any]:
    """Keep the rows that have every word of ``text`` in one of the columns."""
    for word in text.split():
        condition = Q()
        for column in columns:
            condition |= Q(**{f"{column}__icontains": word})
        rows = rows.filter(condition)
    return rows
