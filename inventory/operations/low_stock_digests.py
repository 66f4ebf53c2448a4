"""Writes the daily digests of low stock, one a day for each recipient."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext, ngettext

from core.formats import day, quantity
from core.operations.digest_readers import addresses_by_language
from inventory.models import (
    InventoryConfiguration,
    LowStockDigest,
    Source,
    SourceItem,
    Stock,
)
from inventory.queries.low_items import low_items, sold_out

TEMPLATE = "inventory/emails/low_stock.txt"
SHOWN = 200
BLANK_LINES = re.compile(r"\n{3,}")


def queue_digests(*, today: date, now: datetime) -> int:
    """Write the digests of the day, and return how many there are; opens the transaction.

    The contact of each enabled source gets what is low there; every user who may receive the
    digest gets what is low at any source, and which products a stock has none left of. An empty
    digest is not written. Each is in the language of its reader, to sources in the site's. A second
    call on a day changes nothing.

    Rule: Low stock, daily digest.
    """
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        configuration = InventoryConfiguration.load()
        digests = [*_for_sources(configuration, today), *_for_merchants(configuration, today)]
        for digest in digests:
            digest.next_attempt_at = now
        LowStockDigest.objects.bulk_create(digests, ignore_conflicts=True)
        return LowStockDigest.objects.filter(day=today).count()


def _for_sources(configuration: InventoryConfiguration, today: date) -> list[LowStockDigest]:
    digests = []
    for source in Source.objects.filter(is_enabled=True).exclude(email="").order_by("pk"):
        items = SourceItem.objects.filter(source=source)
        low = _low(low_items(items, configuration=configuration))
        if low["rows"]:
            subject = ngettext(
                "%(count)d product is low at %(source)s",
                "%(count)d products are low at %(source)s",
                low["count"],
            ) % {"count": low["count"], "source": source.name}
            facts = {"source": source, "day": today, "low": low}
            digests.append(_digest(facts, subject, source.email))
    return digests


def _for_merchants(configuration: InventoryConfiguration, today: date) -> list[LowStockDigest]:
    digests = []
    for language, readers in addresses_by_language(LowStockDigest).items():
        with translation.override(language):
            digests += _for_readers(readers, configuration, today)
    return digests


def _for_readers(
    recipients: Sequence[str], configuration: InventoryConfiguration, today: date
) -> list[LowStockDigest]:
    """Return what is low anywhere, to each of the recipients, who read one language."""
    low = _low(low_items(SourceItem.objects.all(), configuration=configuration))
    stocks = [
        {"name": stock.name, **_some(sold_out(stock, configuration=configuration, today=today))}
        for stock in Stock.objects.order_by("code")
    ]
    empty = [stock for stock in stocks if stock["rows"]]
    if not low["rows"] and not empty:
        return []
    subject = gettext("Low stock on %(day)s") % {"day": day(today)}
    facts = {"source": None, "day": today, "low": low, "sold_out": empty}
    return [_digest(facts, subject, recipient) for recipient in recipients]


def _low(items: QuerySet[SourceItem]) -> dict[str, Any]:
    found = _some(items.select_related("product", "source").order_by("product__sku", "pk"))
    rows: Sequence[Any] = found["rows"]
    found["rows"] = [
        {
            "sku": item.product.sku,
            "name": item.product.name,
            "source": item.source.code,
            "quantity": quantity(item.quantity),
            "below": quantity(item.low_below),
        }
        for item in rows
    ]
    return found


def _some(rows: QuerySet[Any]) -> dict[str, Any]:
    """Return the first rows, how many there are, and how many more than are shown."""
    shown = list(rows[:SHOWN])
    count = len(shown) if len(shown) < SHOWN else rows.count()
    return {"rows": shown, "count": count, "more": count - len(shown)}


def _digest(facts: Mapping[str, Any], subject: str, recipient: str) -> LowStockDigest:
    digest = LowStockDigest(
        day=facts["day"], source=facts["source"], recipient=recipient, subject=subject[:200]
    )
    text = render_to_string(TEMPLATE, {**facts, "unsubscribe": digest.unsubscribe_address()})
    digest.body = BLANK_LINES.sub("\n\n", text.strip()) + "\n"
    return digest
