"""Writes the weekly digests of demand, one for each user who wants it."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from core.formats import day
from core.operations.digest_readers import addresses_by_language
from fulfillment.models import DemandDigest
from fulfillment.queries.demand import demand_of, demand_page
from fulfillment.queries.kept_promises import FigureRows, promise_figures

TEMPLATE = "fulfillment/emails/demand.txt"
# As many products are listed, those with the most short units.
SHOWN = 20
WEEK = timedelta(days=7)
BLANK_LINES = re.compile(r"\n{3,}")


def queue_demand_digests(*, today: date, now: datetime, zone: ZoneInfo) -> int:
    """Write the digests of the week that ends now; return how many there are of ``today``.

    Opens the transaction. A digest of nothing is not written. Each is in the language of its
    reader. A second call on a day changes nothing.

    Rule: §23, demand.
    """
    with transaction.atomic():
        readers = addresses_by_language(DemandDigest)
        facts = _facts(today=today, now=now, zone=zone) if readers else {}
        if facts.get("rows") or facts.get("figures"):
            DemandDigest.objects.bulk_create(
                [
                    digest
                    for language, addresses in readers.items()
                    for digest in _digests(language, addresses, facts, today=today, now=now)
                ],
                ignore_conflicts=True,
            )
        return DemandDigest.objects.filter(day=today).count()


def _facts(*, today: date, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    page = demand_page(words="", first=0, count=SHOWN)
    figures = promise_figures(FigureRows.ALL, since=now - WEEK, now=now, zone=zone)
    return {
        "day": today,
        "page": page,
        "rows": demand_of(page.product_ids, today=today),
        "figures": figures[0] if figures else None,
    }


def _digests(
    language: str, addresses: list[str], facts: Mapping[str, Any], *, today: date, now: datetime
) -> list[DemandDigest]:
    context = {**facts, "unsubscribe": DemandDigest(day=today).unsubscribe_address()}
    with translation.override(language):
        subject = gettext("Demand on %(day)s") % {"day": day(today)}
        body = BLANK_LINES.sub("\n\n", render_to_string(TEMPLATE, context).strip()) + "\n"
    return [
        DemandDigest(day=today, recipient=address, subject=subject, body=body, next_attempt_at=now)
        for address in addresses
    ]
