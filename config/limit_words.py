"""Limits of access in words."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, OuterRef, QuerySet
from django.utils.translation import gettext

from core.access_limits import current
from core.formats import EMPTY, series
from inventory.models import Source, Stock


def with_limit_codes(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate the codes of what users or keys are limited to, for :func:`limits_in_words`."""
    annotated: QuerySet[Any] = rows.annotate(
        limit_source_codes=_codes(Source, "access_limit__sources"),
        limit_stock_codes=_codes(Stock, "access_limit__stocks"),
    )
    return annotated


def _codes(model: type[Source] | type[Stock], column: str) -> ArraySubquery:
    is_named = Func(
        F("pk"),
        OuterRef(column),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
    rows: QuerySet[Any] = model._default_manager.filter(is_named)
    return ArraySubquery(rows.order_by("code").values("code"))


def limits_in_words(row: Any) -> str:
    """Return the codes of what a user or a key is limited to."""
    codes = [*row.limit_source_codes, *row.limit_stock_codes]
    return ", ".join(codes) or EMPTY


def limits_line() -> str:
    """Return one line that says what who reads a page sees; empty for somebody without limits."""
    reach = current()
    if reach is None:
        return ""
    sources = Source.objects.order_by("code").values_list("code", flat=True)
    stocks = Stock.objects.order_by("code").values_list("code", flat=True)
    named = {
        "sources": series(sources.filter(pk__in=reach.sources)),
        "stocks": series(stocks.filter(pk__in=reach.stocks)),
    }
    if reach.sources and reach.stocks:
        return (
            gettext("You see only these sources: %(sources)s; and these stocks: %(stocks)s.")
            % named
        )
    if reach.stocks:
        return gettext("You see only these stocks: %(stocks)s.") % named
    if reach.sources:
        return gettext("You see only these sources: %(sources)s.") % named
    return gettext("You are limited to sources that there are no longer. Ask an administrator.")
