"""Columns that the lists of source items share: the product's name, incoming units, supply."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from core.admin.theme import ModelAdmin, display, quantity_column
from core.quantities import format_quantity
from inventory.models import SourceItem

RECORDS_SUPPLY = "inventory.add_futuresupply"


class ItemColumns(TypedDict):
    """What a list adds to a source item; ``missing`` in the report of what is low alone."""

    incoming: Decimal
    is_low: bool
    missing: Decimal


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    ListedItem = WithAnnotations[SourceItem, ItemColumns]
else:
    ListedItem = SourceItem


class ItemList(ModelAdmin):
    """A list of source items, annotated with ``incoming``; one line a row."""

    card_facts = ("product_name", "source", "on_hand")
    incoming_units = quantity_column("incoming", _("incoming"))

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)
        return [*columns, "supply"] if request.user.has_perm(RECORDS_SUPPLY) else columns

    @display(description=_("name"), ordering="product__name")
    def product_name(self, item: ListedItem) -> SafeString:
        return format_html('<span class="one-line" title="{0}">{0}</span>', item.product.name)

    @display(description=_("supply"))
    def supply(self, item: ListedItem) -> SafeString:
        """Link to a new record of supply for it, of what is missing where that is known."""
        entered = {"product": str(item.product_id), "source": str(item.source_id)}
        missing: Decimal | None = getattr(item, "missing", None)
        if missing is not None:
            entered["quantity"] = format_quantity(missing)
        url = f"{reverse('admin:inventory_futuresupply_add')}?{urlencode(entered)}"
        # The column says what; whoever hears the link alone hears all of it.
        return format_html(
            '<a class="row-link" href="{}" aria-label="{}">{}</a>',
            url,
            gettext("Record supply"),
            pgettext("in the column Supply, as short as it can be", "Record supply"),
        )
