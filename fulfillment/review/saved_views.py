"""The columns of the review, each person's choice of them, and named views."""

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from fulfillment.models import ReviewColumns, ReviewView

COLUMN_LABELS = {
    "order": _("Order"),
    "customer": _("Customer"),
    "state": _("State"),
    "age": _("Age"),
    "expected": _("Expected"),
    "value": _("Value"),
    "missing": _("Missing"),
    "why": _("Why"),
    "next_supply": _("Next supply"),
    "expires": _("Authorization expires"),
    "priority": _("Priority"),
    "channel": _("Sales channel"),
    "stock": _("Stock"),
    "method": _("Fulfillment method"),
    "source": _("Source"),
}
DEFAULT_COLUMNS = (
    "customer",
    "age",
    "expected",
    "value",
    "missing",
    "why",
    "next_supply",
    "expires",
)


def known(names: Iterable[object]) -> list[str]:
    """Return the columns of ``names`` that there are, each once, in the order of the table."""
    chosen = set(names) if isinstance(names, (list, tuple)) else set()
    return [name for name in COLUMN_LABELS if name in chosen]


def views_for(user_id: int) -> QuerySet[ReviewView]:
    """Return the views that a person sees: their own, and those that others share."""
    return (
        ReviewView.objects.filter(Q(owner=user_id) | Q(is_shared=True))
        .select_related("owner")
        .order_by("name", "pk")
    )


def columns_of(user_id: int) -> list[str]:
    """Return the columns that a person chose, or the usual ones."""
    chosen = ReviewColumns.objects.filter(pk=user_id).values_list("columns", flat=True)
    return next((known(columns) for columns in chosen), list(DEFAULT_COLUMNS))


def choose_columns(user_id: int, columns: Collection[str]) -> None:
    """Keep the columns that a person wants to see; none gives the usual ones back."""
    chosen = known(list(columns)) or list(DEFAULT_COLUMNS)
    ReviewColumns.objects.update_or_create(pk=user_id, defaults={"columns": chosen})


def save_view(
    *, owner_id: int, name: str, querystring: str, columns: Collection[str], is_shared: bool
) -> ReviewView:
    """Keep what is shown under a name; a view of one's own with this name is replaced."""
    view, _is_new = ReviewView.objects.update_or_create(
        owner_id=owner_id,
        name=name,
        defaults={
            "querystring": querystring,
            "columns": known(list(columns)),
            "is_shared": is_shared,
        },
    )
    return view


def delete_view(view_id: int, *, owner_id: int) -> bool:
    """Delete a view of one's own; say whether there was one."""
    deleted, _by_model = ReviewView.objects.filter(pk=view_id, owner=owner_id).delete()
    return deleted > 0
