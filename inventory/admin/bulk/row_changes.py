"""The rows that an import or a bulk change changed, as the page of it lists them."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Field
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.admin.history import KINDS, in_words, related_values
from core.admin.page_numbers import part_of
from core.queries.history import FieldChange
from inventory.models import Product, Source
from inventory.queries.row_changes import Model, RowChange, changed_keys, ids_by_model, row_changes

PAGE_SIZE = 50


def changes_page(request: HttpRequest, entry_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return a page of the rows that entries of history changed, with their values."""
    keys = changed_keys(entry_ids)
    chosen, links = part_of(request, "page", keys, size=PAGE_SIZE)
    entries = [
        entry
        for model, ids in ids_by_model(chosen).items()
        for entry in _entries(model, row_changes(model, ids, entry_ids).values())
    ]
    return {"entries": entries, "entry_count": len(keys), "entry_pages": links}


def _entries(model: Model, rows: Iterable[RowChange]) -> list[dict[str, Any]]:
    rows = list(rows)
    changes = [tuple(_fields(model, row)) for row in rows]
    values = related_values(chain.from_iterable(changes))
    names = _names(model, rows)
    return [
        {
            "row": name,
            "kind": KINDS[_kind(row)],
            "is_new": row.before is None,
            "fields": in_words(changed, values),
        }
        for row, name, changed in zip(rows, names, changes, strict=True)
    ]


def _kind(row: RowChange) -> str:
    if row.before is None:
        return "insert"
    return "delete" if row.left is None else "update"


def _fields(model: Model, row: RowChange) -> Iterable[FieldChange]:
    for field in model._meta.concrete_fields:
        before, left = row.before, row.left
        if left is None or field.attname not in left:
            continue
        old = None if before is None else before[field.attname]
        new = left[field.attname]
        if old != new and not (before is None and _is_unremarkable(field, new)):
            yield FieldChange(field, old, new)


def _is_unremarkable(field: "Field[Any, Any]", value: Any) -> bool:
    """Whether the value of a row that is new is empty, or part of the row's name."""
    is_unset = value is False and not field.null
    return value in (None, "") or is_unset or field.is_relation or field.name == "sku"


def _names(model: Model, rows: Sequence[RowChange]) -> list[str]:
    if model is Product:
        return [row.any_values["sku"] for row in rows]
    products = {row.any_values["product_id"] for row in rows}
    sources = {row.any_values["source_id"] for row in rows}
    skus = dict(Product.objects.filter(pk__in=products).values_list("pk", "sku"))
    codes = dict(Source.objects.filter(pk__in=sources).values_list("pk", "code"))
    names = []
    for row in rows:
        values = row.any_values
        name = f"{skus.get(values['product_id'], '?')} @ {codes.get(values['source_id'], '?')}"
        if values.get("reference"):
            name = _("%(row)s, reference %(reference)s") % {
                "row": name,
                "reference": values["reference"],
            }
        names.append(name)
    return names
