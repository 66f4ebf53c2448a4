"""Saves a stock with its sources and the sales channels that it serves; deletes one never used."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from inventory.models import SalesChannel, Stock
from inventory.models.source import DEFAULT_CODE
from inventory.operations.stock_sources import set_sources


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
