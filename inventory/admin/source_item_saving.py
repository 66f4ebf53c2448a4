"""Saves source items through their operations, and says what a count did to shipments."""

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from core.admin.shown_values.pages import SaveRefusedError
from core.operations.stale_rows import StaleRowsError
from inventory.operations.assignment import StillAllocatedError, unassign
from inventory.operations.source_items import ItemChange, set_items
from inventory.operations.whole_units import FractionError, FractionsLeftError
from inventory.ports import HeldByVirtualLinesError


def save_source_items(request: HttpRequest, formset: BaseInlineFormSet) -> None:
    """Save the product's Sources area: what its rows changed, and the rows taken off."""
    formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
    gone = {
        row.instance.pk: stored_values(row, row.compared_names())
        for row in formset.deleted_forms
        if row.instance.pk
    }
    rows = [row for row in formset.forms if row.has_changed() and row not in formset.deleted_forms]
    save_items(request, rows, also_locked=gone)
    try:
        unassign(gone, expected=gone)
    except StillAllocatedError as error:
        # The page looks again, and says so at its row.
        raise StaleRowsError from error


def save_items(
    request: HttpRequest, forms: list[Any], *, also_locked: Collection[int] = ()
) -> None:
    """Save changed source items in one call, as their forms hold them.

    :raises inventory.operations.source_items.StaleSourceItemError: for a row that changed since
        its form was compared.
    :raises SaveRefusedError: when virtual lines hold units that would go.
    """
    changes = [ItemChange(*key_of(form), values(form)) for form in forms]
    if not changes:
        return
    expected = {
        key_of(form): stored_values(form, form.changed_data) if form.instance.pk else None
        for form in forms
    }
    try:
        changed = set_items(
            changes,
            now=timezone.now(),
            actor_id=request.user.pk,
            expected=expected,
            also_locked=also_locked,
            is_by_person=True,
        )
    except (FractionError, FractionsLeftError) as error:
        raise SaveRefusedError(str(error)) from error
    except HeldByVirtualLinesError as error:
        told = gettext(
            "Nothing was saved: virtual products of these orders hold units that would go: "
            "%(orders)s. Enter higher quantities."
        )
        raise SaveRefusedError(told % {"orders": error}) from error
    if changed.fallen_back:
        names = ", ".join(changed.fallen_back)
        messages.warning(request, gettext("These shipments went back to backorder: %s.") % names)


def key_of(form: Any) -> tuple[int, int]:
    item = form.instance
    # The rows of a product that is new were made before it had a key.
    return item.product_id or item.product.pk, item.source_id


def stored_values(form: Any, names: Collection[str]) -> dict[str, Any]:
    """Return what the row held when its form was compared."""
    return {name: form.initial[name] for name in names}


def values(form: Any) -> dict[str, Any]:
    """Return the new values; of a row that is new, all of them."""
    fixed = {"source", "product", "DELETE", "id"}
    names = form.changed_data if form.instance.pk else form.cleaned_data
    return {name: form.cleaned_data[name] for name in names if name not in fixed}
