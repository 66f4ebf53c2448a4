"""The page of the ledger of one product in one stock, with its running balance."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin.bases import AnyPage
from core.admin.page_numbers import address_of_page
from core.admin.pages import answer
from core.admin.theme import Select, TextInput
from inventory.admin.typed_choice import STOCK, RowChoice
from inventory.models import Product, Stock
from inventory.queries.ledger import LedgerPage, ledger_of_product

# The entry from which on a page is shown, in its address.
OLDER = "older_than"
LARGEST_ID = 2**63 - 1


class LedgerForm(forms.Form):
    """Which ledger is shown, and from where."""

    sku = forms.CharField(label=_("SKU"), max_length=64, widget=TextInput)
    stock = RowChoice(
        Stock.objects.order_by("code"),
        lookup=STOCK,
        label=_("Stock"),
        to_field_name="code",
        widget=Select,
    )
    older_than = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput
    )

    def clean_sku(self) -> Product:
        product = Product.objects.filter(sku=self.cleaned_data["sku"]).order_by("pk").first()
        if product is None:
            raise forms.ValidationError(gettext("There is no product with this SKU."))
        return product


def ledger_page(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Ask for a product and a stock, and show their entries, the newest first."""
    form = LedgerForm(request.GET or None)
    page = None
    if form.is_valid():
        chosen = form.cleaned_data
        page = ledger_of_product(
            chosen["sku"].pk, chosen["stock"].pk, older_than=chosen["older_than"]
        )
    context = {
        "form": form,
        "page": page,
        "rows": [] if page is None else _rows(page),
        "older": page and page.older_than and address_of_page(request, page.older_than, OLDER),
    }
    title = gettext("Ledger of a product")
    return answer(admin, request, "inventory/ledger.html", title, context)


def _rows(page: LedgerPage) -> list[dict[str, Any]]:
    return [
        {
            "entry": row.entry,
            "quantity": formats.signed(row.entry.quantity),
            "balance": formats.quantity(row.balance),
        }
        for row in page.rows
    ]
