"""Each person's own layout of a list: chosen columns, named views."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from core.models import ColumnChoice, SavedView
from core.name_order import by_name


def views_for(user_id: int, *, list_name: str) -> QuerySet[SavedView]:
    """Return the views of a list that a person sees: their own, and those that others share."""
    return (
        SavedView.objects.filter(Q(owner=user_id) | Q(is_shared=True), list_name=list_name)
        .select_related("owner")
        .order_by(by_name("name"), "pk")
    )


def chosen_columns(user_id: int, *, list_name: str) -> list[str]:
    """Return the columns of a list that a person chose; none where they chose none."""
    chosen = ColumnChoice.objects.filter(user=user_id, list_name=list_name)
    return next(iter(chosen.values_list("columns", flat=True)), [])


def choose_columns(user_id: int, columns: Collection[str], *, list_name: str) -> None:
    """Keep the columns of a list that a person wants to see; none gives the usual ones back."""
    ColumnChoice.objects.update_or_create(
        list_name=list_name, user_id=user_id, defaults={"columns": list(columns)}
    )


def save_view(
    *,
    list_name: str,
    owner_id: int,
    name: str,
    querystring: str,
    columns: Collection[str],
    is_shared: bool,
) -> SavedView:
    """Keep what is shown under a name; a view of one's own with this name is replaced."""
    view, _is_new = SavedView.objects.update_or_create(
        list_name=list_name,
        owner_id=owner_id,
        name=name,
        defaults={"querystring": querystring, "columns": list(columns), "is_shared": is_shared},
    )
    return view


def delete_view(view_id: int, *, list_name: str, owner_id: int) -> bool:
    """Delete a view of one's own; say whether there was one."""
    own = SavedView.objects.filter(pk=view_id, list_name=list_name, owner=owner_id)
    deleted, _by_model = own.delete()
    return deleted > 0
