"""The forms of an order that a customer gives by telephone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.country_field import CountryField
from core.admin.currency_field import CurrencyField
from core.admin.fields import QuantityFormField, WholeFormField, field_of
from core.admin.lookup_input import LookupInput
from core.admin.theme import CHECKBOX_CLASS, Select, TextInput
from inventory.admin.typed_choice import SOURCE, RowChoice
from inventory.models import InventoryConfiguration, SalesChannel, Source
from inventory.queries.search import skus_meant
from orders.models import FulfillmentMethod, Order
from orders.payments.gateways import gateway_names
from orders.placing.errors import in_words
from orders.placing.request import Address, Customer, LineRequest, OrderRequest, PaymentRequest
from orders.placing.validation import OrderProblem

NOTHING = Decimal("0.00")
# A script adds another as soon as the last is used.
FIRST_ROWS = 1
MOST_ROWS = 500
ADDRESS = ("recipient", "street", "postcode", "city", "region", "country")
DELIVERY = ("fulfillment_method", "pickup_source", "ship_complete")
UNKNOWN_SKU = "UNKNOWN_SKU"
# The path of problems of all lines together.
LINES = "lines"
REQUIRED_AT_HOME = ("recipient", "street", "city", "country")

# Where the form shows a problem of the order itself, by its path.
FIELDS = {
    "customer/name": "customer_name",
    "customer/email": "customer_email",
    "customer/language": "customer_language",
    "payment/token": "payment_token",
    "payment/gateway": "gateway",
}


class ProductInput(LookupInput):
    """A product by its SKU, barcode or name."""

    def lookup_url(self) -> str:
        return f"{reverse('admin:orders_order_products')}?"


class CustomerInput(LookupInput):
    """An e-mail address; customers of before are found by their names too."""

    def lookup_url(self) -> str:
        return f"{reverse('admin:orders_order_customers')}?"


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of the form, as it is marked: an address is for an order that is shipped to home."""

    field: forms.BoundField

    @property
    def is_of_address(self) -> bool:
        return self.field.name in ADDRESS

    @property
    def is_required(self) -> bool:
        return self.field.field.required or self.field.name in REQUIRED_AT_HOME


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields below one heading."""

    heading: str
    fields: Sequence[ShownField]

    @property
    def is_of_address(self) -> bool:
        """Whether it begins with an address: an order that is collected needs none of it."""
        return self.fields[0].is_of_address

    @property
    def has_errors(self) -> bool:
        return any(shown.field.errors for shown in self.fields)


def ship_complete_field() -> forms.BooleanField:
    """Return the field by which nothing of an order leaves before all of it can."""
    return forms.BooleanField(
        label=_("Ship complete"),
        required=False,
        widget=forms.CheckboxInput({"class": CHECKBOX_CLASS}),
        help_text=_("Nothing of the order leaves before all of it can."),
    )


class PhoneOrderForm(forms.Form):
    """Who orders, how it reaches them, and how it is paid; what it means is checked on placing."""

    token = forms.CharField(max_length=64, widget=forms.HiddenInput)
    channel = RowChoice(
        SalesChannel.objects.order_by("code"),
        lookup=Order._meta.get_field("channel"),
        label=_("Sales channel"),
        to_field_name="code",
        widget=Select,
    )
    customer_email = forms.CharField(
        label=_("Customer e-mail"),
        widget=CustomerInput({"inputmode": "email"}),
        help_text=_("Type a name or an address to find an earlier customer."),
    )
    customer_name = forms.CharField(label=_("Customer name"), widget=TextInput)
    customer_language = forms.ChoiceField(
        label=_("Customer language"), choices=settings.LANGUAGES, widget=Select
    )
    fulfillment_method = forms.ChoiceField(
        label=_("Fulfillment method"), choices=FulfillmentMethod.choices, widget=Select
    )
    pickup_source = RowChoice(
        Source.objects.filter(is_pickup_location=True, is_enabled=True).order_by("code"),
        lookup=SOURCE,
        label=_("Pickup source"),
        to_field_name="code",
        required=False,
        widget=Select,
    )
    ship_complete = ship_complete_field()
    recipient = forms.CharField(label=_("Recipient"), required=False, widget=TextInput)
    street = forms.CharField(label=_("Street"), required=False, widget=TextInput)
    postcode = forms.CharField(
        label=_("Postcode"),
        required=False,
        widget=TextInput,
        help_text=_("Where the country has postcodes."),
    )
    city = forms.CharField(label=_("City"), required=False, widget=TextInput)
    region = forms.CharField(label=_("Region"), required=False, widget=TextInput)
    country = CountryField(required=False)
    gateway = forms.ChoiceField(label=_("Payment gateway"), widget=Select)
    payment_token = forms.CharField(
        label=_("Payment token"),
        required=False,
        widget=TextInput(attrs={"autocomplete": "off"}),
        help_text=_("The token from the gateway, if there is one."),
    )
    currency = CurrencyField(initial=settings.SITE_CURRENCY)
    priority = WholeFormField(
        label=_("Priority"),
        initial=0,
        help_text=_("Higher goes first in the release queue."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "gateway", forms.ChoiceField).choices = [
            (name, name) for name in gateway_names()
        ]

        field_of(self, "channel", RowChoice).initial = only_channel()
        self.fields["customer_language"].initial = settings.LANGUAGE_CODE
        as_site = InventoryConfiguration.load().in_force("ship_complete")
        self.fields["ship_complete"].initial = as_site

    def groups(self) -> list[FieldGroup]:
        """Return the fields below their headings, in the order of a call."""
        return [
            self._group(gettext("Customer"), "customer_email", "customer_name", "channel"),
            self._group(gettext("Delivery"), *DELIVERY, *ADDRESS),
            self._group(gettext("Payment"), "gateway"),
        ]

    def more(self) -> FieldGroup:
        """Return the fields that few orders need."""
        names = ("customer_language", "currency", "priority", "payment_token")
        return self._group(gettext("More"), *names)

    def _group(self, heading: str, *names: str) -> FieldGroup:
        return FieldGroup(heading, [ShownField(self[name]) for name in names])


class PhoneLineForm(forms.Form):
    """One product that is ordered; without a price the product's own counts."""

    sku = forms.CharField(label=_("Product"), widget=ProductInput, max_length=200)
    quantity = QuantityFormField(label=_("Quantity"), initial=Decimal(1))
    unit_price = QuantityFormField(label=_("Unit price"), required=False)
    discount = QuantityFormField(label=_("Discount"), required=False)
    tax = QuantityFormField(label=_("Tax"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed in this row: it is then no line of the order."""
        return not self.has_changed()

    def inputs(self) -> list[forms.BoundField]:
        return [self[name] for name in ("sku", "quantity", "unit_price", "discount", "tax")]

    def request(self, meant: Mapping[str, str]) -> LineRequest:
        """Return the line; ``meant`` are SKUs by what else was typed for them."""
        typed = self.cleaned_data["sku"]
        return LineRequest(
            sku=meant.get(typed, typed),
            quantity=self.cleaned_data["quantity"],
            unit_price=self.cleaned_data["unit_price"],
            discount=self.cleaned_data["discount"] or NOTHING,
            tax=self.cleaned_data["tax"] or NOTHING,
        )


PhoneLines = forms.formset_factory(
    PhoneLineForm,
    extra=FIRST_ROWS,
    can_delete=True,
    max_num=MOST_ROWS,
    absolute_max=MOST_ROWS,
    validate_max=True,
)


def only_channel() -> str | None:
    """Return the code of the sales channel where there is one alone."""
    codes = list(SalesChannel.objects.order_by("code").values_list("code", flat=True)[:2])
    return codes[0] if len(codes) == 1 else None


def ordered_rows(rows: Any) -> list[PhoneLineForm]:
    """Return the rows that are lines of the order: neither blank nor taken away."""
    return [row for row in rows.forms if not row.is_blank and not row["DELETE"].data]


def order_request(form: PhoneOrderForm, rows: Sequence[PhoneLineForm]) -> OrderRequest:
    """Return the order as far as it is entered; ``rows`` are valid."""
    form.is_valid()
    entered = form.cleaned_data
    texts = defaultdict(str, entered)
    channel, pickup = entered.get("channel"), entered.get("pickup_source")
    meant = skus_meant({row.cleaned_data["sku"] for row in rows})
    return OrderRequest(
        channel="" if channel is None else channel.code,
        customer=Customer(
            texts["customer_name"], texts["customer_email"], texts["customer_language"]
        ),
        lines=tuple(row.request(meant) for row in rows),
        fulfillment_method=texts["fulfillment_method"],
        pickup_source=None if pickup is None else pickup.code,
        address=Address(
            **{name: texts[name] for name in ADDRESS},
        ),
        priority=entered.get("priority", 0),
        ship_complete=entered.get("ship_complete"),
        currency=texts["currency"],
        payment=PaymentRequest(texts["gateway"], texts["payment_token"]),
    )


def show_problems(form: PhoneOrderForm, problems: Sequence[OrderProblem]) -> None:
    """Write each reason why the order itself is refused beside what it is about, but for those
    about its lines together."""
    for problem in problems:
        if problem.line is None and problem.path != LINES:
            name = FIELDS.get(problem.path, problem.path.removeprefix("address/"))
            form.add_error(name if name in form.fields else None, in_words(problem))


def reasons_by_row(
    rows: Sequence[PhoneLineForm], problems: Sequence[OrderProblem]
) -> dict[str, list[str]]:
    """Return every reason why a line is refused, by the prefix of its row."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        if problem.line is not None:
            prefix = str(rows[problem.line - 1].prefix)
            found.setdefault(prefix, []).append(reason_in_words(problem))
    return found


def reason_in_words(problem: OrderProblem) -> str:
    """Return why a line is refused; a product is named by more than its SKU here."""
    if problem.code == UNKNOWN_SKU:
        return gettext("No single product has this SKU, barcode or name. Choose one from the list.")
    return in_words(problem)
