"""Which sources a stock sells from, in which order, and whether they are open."""

from collections.abc import Collection, Mapping

from django.db import transaction

from inventory import ports
from inventory.models import Source, SourceItem, Stock, StockSource

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
        links = {link.source_id: link for link in StockSource.objects.filter(stock_id=stock_id)}
        gone = set(links) - set(priorities)
        StockSource.objects.filter(stock_id=stock_id, source_id__in=gone).delete()
        linked = []
        numbers = {one: place for place, one in enumerate(sorted(set(priorities.values())), 1)}
        for source_id, wanted in priorities.items():
            priority = numbers[wanted]
            link = links.get(source_id)
            if link is None:
                StockSource.objects.create(
                    stock_id=stock_id, source_id=source_id, priority=priority
                )
                linked.append(source_id)
            elif link.priority != priority:
                link.priority = priority
                link.save(update_fields=["priority"])
        _may_release_what_is_at(linked)


def save_source(source: Source, *, changed: Collection[str] | None = None) -> None:
    """Save a source; opens the transaction.

    ``changed`` names the columns to write of a source that is there (every one when left out).

    What it holds may release what waits once it is enabled or ships to home, so a release run
    follows for those products.
    """
    with transaction.atomic():
        rows = Source.objects.select_for_update(no_key=True).filter(pk=source.pk)
        stored = rows.order_by("pk").first()
        if stored is None:
            source.save()
            return
        source.save(update_fields=None if changed is None else list(changed))
        written = OPENING if changed is None else OPENING & {*changed}
        if any(getattr(source, name) and not getattr(stored, name) for name in written):
            _may_release_what_is_at([source.pk])


def _may_release_what_is_at(source_ids: Collection[int]) -> None:
    items = SourceItem.objects.filter(source_id__in=source_ids)
    products = sorted(items.values_list("product_id", flat=True).distinct())
    if products:
        ports.current().note_arrival(products)
