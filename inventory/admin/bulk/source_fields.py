"""The fields that ask for sources in bulk actions."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet

from core.access_limits import seen
from core.admin import theme
from inventory.admin.typed_choice import SOURCE, RowChoice, RowsChoice
from inventory.models import Source, SourceItem

CHECKBOXES = forms.CheckboxSelectMultiple


class SourceChoice(RowChoice):
    """One source."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Source.objects.order_by("code"),
            lookup=SOURCE,
            widget=forms.Select({"class": theme.SELECT_CLASS}),
            **kwargs,
        )


class SourcesChoice(RowsChoice):
    """Any number of sources."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Source.objects.order_by("code"),
            lookup=SOURCE,
            widget=CHECKBOXES,
            **kwargs,
        )


def items_at(products: QuerySet[Any], sources: Iterable[Source]) -> QuerySet[SourceItem]:
    """Return the source items of ``products`` at ``sources`` that the person may see."""
    return seen(
        SourceItem.objects.filter(
            product__in=products.order_by().values("pk"),
            source__in=[source.pk for source in sources],
        )
    )


def keys_at(products: QuerySet[Any], sources: Iterable[Source]) -> list[int]:
    """Return the keys of the source items of ``products`` at ``sources``, by SKU."""
    items = items_at(products, sources).order_by("product__sku", "source__code", "pk")
    return list(items.values_list("pk", flat=True))


def sources_of_all(products: QuerySet[Any]) -> list[Source]:
    """Return the sources to which every one of ``products`` is assigned."""
    chosen = products.order_by().values("pk")
    assigned = Count("items", filter=Q(items__product__in=chosen))
    found = Source.objects.annotate(assigned=assigned).filter(assigned=chosen.count())
    return list(found.order_by("code"))


def sources_of_any(products: QuerySet[Any]) -> QuerySet[Source]:
    """Return the sources to which some of ``products`` are assigned."""
    chosen = SourceItem.objects.filter(product__in=products.order_by().values("pk"))
    return Source.objects.filter(pk__in=chosen.values("source")).order_by("code")


def codes(sources: Iterable[Source]) -> str:
    return ", ".join(source.code for source in sources)
