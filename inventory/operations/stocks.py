"""Saves a stock with all that it links; deletes one never used."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from inventory import ports
from inventory.models import (
    FutureSupply,
    SalesChannel,
    Source,
    SourceItem,
    Stock,
    StockSource,
)
from inventory.models.source import DEFAULT_CODE
from inventory.operations.closed_days import CALENDAR, keep_closed_days

# What opens a source to orders that it could not serve.
OPENING = {"is_enabled", "ships_to_home"}


def set_sources(stock_id: int, *, priorities: Mapping[int, int]) -> None:
    """Link exactly these sources (id to priority) to a stock; opens the transaction.

    Priorities are numbered from 1 without gaps, and equal ones stay equal: of those the source
    code decides. A link that stays keeps its row. A source that is newly linked may release what
    waits, so a release run follows for the products it holds.
    """
    with transaction.atomic():
        Stock.objects.select_for_update(no_key=True).get(pk=stock_id)
        links = StockSource.objects.filter(stock_id=stock_id)
        linked = priorities.keys() - set(links.values_list("source_id", flat=True))
        links.exclude(source_id__in=priorities).delete()
        numbers = {one: number for number, one in enumerate(sorted(set(priorities.values())), 1)}
        StockSource.objects.bulk_create(
            (
                StockSource(stock_id=stock_id, source_id=source_id, priority=numbers[priority])
                for source_id, priority in priorities.items()
            ),
            update_conflicts=True,
            unique_fields=["stock", "source"],
            update_fields=["priority"],
        )
        _note_arrivals_at(linked)


def save_source(source: Source, *, today: date, changed: Collection[str] | None = None) -> None:
    """Save a source with its closed days from ``today`` on; opens the transaction.

    ``changed`` names the columns to write of a source that is there (every one when left out).

    Its units may cover backorders once it is enabled or ships to home, and what is expected there
    has other dates once its working days change, so a release run follows for those products.
    """
    with transaction.atomic():
        rows = Source.objects.select_for_update(no_key=True).filter(pk=source.pk)
        stored = rows.order_by("pk").first()
        if stored is None:
            source.save()
            keep_closed_days(source, today=today)
            return
        source.save(update_fields=None if changed is None else list(changed))
        if (changed is None or CALENDAR & {*changed}) and keep_closed_days(source, today=today):
            _note_supply_at(source.pk)
        written = OPENING if changed is None else OPENING & {*changed}
        if any(getattr(source, name) and not getattr(stored, name) for name in written):
            _note_arrivals_at([source.pk])


def _note_arrivals_at(source_ids: Collection[int]) -> None:
    items = SourceItem.objects.filter(source_id__in=source_ids)
    products = sorted(items.values_list("product_id", flat=True).distinct())
    if products:
        ports.current().note_arrival(products)


def _note_supply_at(source_id: int) -> None:
    supply = FutureSupply.objects.open().filter(source_id=source_id)
    products = sorted(supply.values_list("product_id", flat=True).distinct())
    if products:
        ports.current().note_arrival(products)


def save_channel(channel: SalesChannel, *, changed: Mapping[str, Any]) -> None:
    """Give a sales channel new values, by column, and leave the others as they are now."""
    for name, value in changed.items():
        setattr(channel, name, value)
    if changed:
        channel.save(update_fields=list(changed))


class StockInUseError(Exception):
    """The stock serves channels, has history, or is the default."""


class ChannelsOfDefaultError(Exception):
    """A channel cannot be taken away from the default stock: it goes where it is served."""


def save_stock(
    stock: Stock,
    *,
    name: str | None = None,
    priorities: Mapping[int, int] | None = None,
    channel_codes: Sequence[str] | None = None,
) -> None:
    """Save a stock with exactly these sources (id to priority) and these channels.

    Opens the transaction. What is left out of a stock that is there stays. An unknown channel is
    made, one of another stock moves here, one taken away goes to the default stock; orders keep
    their stock.

    :raises ChannelsOfDefaultError: for a channel taken away from the default stock itself.

    Rule: Who holds what, sales channels.
    """
    with transaction.atomic():
        if stock.pk is None:
            stock.save()
        elif name is not None:
            stock.name = name
            stock.save(update_fields=["name"])
        if priorities is not None:
            set_sources(stock.pk, priorities=priorities)
        if channel_codes is not None:
            _set_channels(stock, set(channel_codes))


def delete_stock(stock_id: int) -> None:
    """Delete a stock that was never used; opens the transaction.

    :raises StockInUseError: if it serves a channel, has history, or is the default.
    """
    with transaction.atomic():
        stock = Stock.objects.select_for_update().get(pk=stock_id)
        used = [
            relation.related_model._default_manager.filter(**{relation.field.name: stock}).exists()
            for relation in stock._meta.related_objects
            if relation.one_to_many and relation.get_accessor_name() not in {"links", "events"}
        ]
        if stock.code == DEFAULT_CODE or any(used):
            raise StockInUseError(stock.code)
        stock.delete()


def _set_channels(stock: Stock, codes: set[str]) -> None:
    channels = SalesChannel.objects.select_for_update().order_by("pk")
    served = set(channels.filter(stock=stock).values_list("code", flat=True))
    gone = served - codes
    if gone and stock.code == DEFAULT_CODE:
        raise ChannelsOfDefaultError(", ".join(sorted(gone)))
    if gone:
        default = Stock.objects.get(code=DEFAULT_CODE)
        SalesChannel.objects.filter(code__in=gone).update(stock=default)
    known = set(channels.filter(code__in=codes).values_list("code", flat=True))
    SalesChannel.objects.filter(code__in=known - served).update(stock=stock)
    SalesChannel.objects.bulk_create(
        SalesChannel(code=code, stock=stock) for code in sorted(codes - known)
    )
