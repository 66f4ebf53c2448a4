"""Finds what the rows of a list name: products by SKU, others by code."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api.problems import Fault, refused
from inventory.models import Product, SalesChannel, Source, Stock

UNKNOWN = {
    "sku": ("UNKNOWN_SKU", _("There is no product with this SKU.")),
    "source": ("UNKNOWN_SOURCE", _("There is no such source.")),
    "stock": ("UNKNOWN_STOCK", _("There is no such stock.")),
    "channel": ("UNKNOWN_CHANNEL", _("There is no such sales channel.")),
}


def product_ids(skus: Iterable[str]) -> dict[str, int]:
    """Return product ids by SKU; SKUs that no product has are left out."""
    return dict(Product.objects.filter(sku__in=set(skus)).values_list("sku", "pk"))


def source_ids(codes: Iterable[str]) -> dict[str, int]:
    """Return source ids by code; codes that no source has are left out."""
    return dict(Source.objects.filter(code__in=set(codes)).values_list("code", "pk"))


def stock_ids(codes: Iterable[str]) -> dict[str, int]:
    """Return stock ids by code; codes that no stock has are left out."""
    return dict(Stock.objects.filter(code__in=set(codes)).values_list("code", "pk"))


def channel_ids(codes: Iterable[str]) -> dict[str, int]:
    """Return sales channel ids by code; codes that no channel has are left out."""
    return dict(SalesChannel.objects.filter(code__in=set(codes)).values_list("code", "pk"))


FIND = {
    "sku": product_ids,
    "source": source_ids,
    "stock": stock_ids,
    "channel": channel_ids,
}


def keys_of(
    rows: Sequence[Mapping[str, Any]], *names: str, prefix: str = "", is_list: bool = True
) -> list[tuple[int, ...]]:
    """Return the ids of what each row names (a key of ``FIND``), in that order.

    :raises core.api.problems.ProblemError: 422 with a fault for each that is unknown.
    """
    known = {name: FIND[name](row[name] for row in rows) for name in names}
    faults = [
        Fault(f"{prefix}/{index}/{name}" if is_list else f"/{name}", code, str(detail))
        for index, row in enumerate(rows)
        for name, (code, detail) in UNKNOWN.items()
        if name in names and row[name] not in known[name]
    ]
    if faults:
        raise refused("UNKNOWN", gettext("Something that is named does not exist."), faults)
    return [tuple(known[name][row[name]] for name in names) for row in rows]


def refuse_twice(keys: Sequence[tuple[int | str, ...]]) -> None:
    """Refuse a list that names the same thing on two rows.

    :raises core.api.problems.ProblemError: 422 with a fault for each second row.
    """
    seen: set[tuple[int | str, ...]] = set()
    faults = []
    for index, key in enumerate(keys):
        if key in seen:
            detail = gettext("An earlier row names the same.")
            faults.append(Fault(f"/{index}", "NAMED_TWICE", detail))
        seen.add(key)
    if faults:
        raise refused("NAMED_TWICE", gettext("Rows of the list name the same."), faults)
