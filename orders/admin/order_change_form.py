"""The form of an order change: who ordered, where the order goes, how it is delivered."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.country_field import CountryField
from core.admin.fields import field_of
from core.admin.theme import CHECKBOX_CLASS, Select, TextInput
from inventory.admin.typed_choice import SOURCE, RowChoice
from inventory.models import Source
from orders.admin.change_task_form import ChangeTaskForm
from orders.admin.fact_words import fact_in_words
from orders.admin.phone_forms import ADDRESS, FieldGroup, ShownField, ship_complete_field
from orders.books import OrderBooks
from orders.changes.request import ChangeRequest, NewContact
from orders.models import FulfillmentMethod, Order
from orders.placing.errors import in_words
from orders.placing.request import Address
from orders.placing.validation import OrderProblem

CONTACT = ("customer_name", "customer_email", "customer_language")
COORDINATES = ("latitude", "longitude")


class OrderChangeForm(ChangeTaskForm):
    """Who ordered, where it goes and how; only what differs from the order is changed."""

    task = "change"
    label = _("Change order")
    confirm = _("Change this order")
    done = _("Changed order %(order)s.")
    template = "orders/order_change_fields.html"

    customer_name = forms.CharField(label=_("Customer name"), max_length=200, widget=TextInput)
    customer_email = forms.CharField(
        label=_("Customer e-mail"),
        max_length=254,
        widget=TextInput({"inputmode": "email"}),
        help_text=_("A new address ends the links in e-mails that were sent before."),
    )
    customer_language = forms.ChoiceField(label=_("Customer language"), widget=Select)
    fulfillment_method = forms.ChoiceField(
        label=_("Fulfillment method"), choices=FulfillmentMethod.choices, widget=Select
    )
    pickup_source = RowChoice(
        Source.objects.none(),
        lookup=SOURCE,
        label=_("Pickup source"),
        to_field_name="code",
        required=False,
        widget=Select,
        help_text=_("With another method or store, what has not left is routed again."),
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
    latitude = forms.DecimalField(
        label=_("Latitude"), required=False, max_digits=9, decimal_places=6, widget=TextInput
    )
    longitude = forms.DecimalField(
        label=_("Longitude"),
        required=False,
        max_digits=9,
        decimal_places=6,
        widget=TextInput,
        help_text=_("A new address does not keep the coordinates of the former one."),
    )
    chooses_sources_again = forms.BooleanField(
        label=_("Choose sources again"),
        required=False,
        widget=forms.CheckboxInput({"class": CHECKBOX_CLASS}),
        help_text=_("Ready shipments then leave from the sources that the new address asks for."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=TextInput)

    def __init__(self, books: OrderBooks, *args: Any, **kwargs: Any) -> None:
        super().__init__(books, *args, **kwargs)
        order = self.order
        self.fields["country"] = CountryField(required=False, stored=order.country)
        self.stores = stores_of(order)
        if not self.stores.exists():
            del self.fields["fulfillment_method"], self.fields["pickup_source"]
        else:
            field_of(self, "pickup_source", RowChoice).offer(self.stores)
        own = order.customer_language
        from_before = [] if own in dict(settings.LANGUAGES) else [(own, own)]
        languages = field_of(self, "customer_language", forms.ChoiceField)
        languages.choices = [*settings.LANGUAGES, *from_before]
        self.initial = {**_as_it_is(order), **self.initial}

    @classmethod
    def is_offered(cls, books: OrderBooks) -> bool:
        return books.order.status in Order.OPEN

    def arguments(self) -> dict[str, Any]:
        entered = self.cleaned_data
        store = entered.get("pickup_source")
        request = ChangeRequest(
            contact=NewContact(*(entered[name] for name in CONTACT)),
            address=self._address(),
            fulfillment_method=entered.get("fulfillment_method"),
            pickup_source=store.code if store and self._is_pickup() else None,
            chooses_sources_again=entered.get("chooses_sources_again", False),
            ship_complete=entered["ship_complete"],
        )
        return {"request": request}

    def show_problems(self, problems: Sequence[OrderProblem]) -> None:
        """Write each reason why the change is refused beside what it is about."""
        for problem in problems:
            member = problem.path.removeprefix("set/").removeprefix("address/")
            name = member.replace("customer/", "customer_")
            self.add_error(name if name in self.fields else None, in_words(problem))

    def show_newer(self, order: Order) -> None:
        """Show what the order says by now, beside what is typed, and let it be sent again."""
        super().show_newer(order)
        for name, value in _as_it_is(order).items():
            typed = self.cleaned_data.get(name)
            if name in self.fields and _as_stored(typed) != value:
                now = {"value": fact_in_words(name, value)}
                self.add_error(name, gettext("The order now says: %(value)s") % now)

    def groups(self) -> list[FieldGroup]:
        """Return the fields below their headings."""
        delivery = ("fulfillment_method", "pickup_source", "ship_complete")
        return [
            self._group(gettext("Customer"), *CONTACT),
            self._group(gettext("Delivery"), *delivery),
            self._group(gettext("Address"), *ADDRESS, *COORDINATES, "chooses_sources_again"),
            self._group("", "reason"),
        ]

    def _is_pickup(self) -> bool:
        method = self.cleaned_data.get("fulfillment_method", self.order.fulfillment_method)
        return str(method) == FulfillmentMethod.PICKUP

    def _address(self) -> Address | None:
        """Return the address that was entered; None where it is as it was, or none is needed."""
        if self._is_pickup():
            return None
        entered = self.cleaned_data
        texts = {name: entered[name] for name in ADDRESS}
        coordinates = {name: entered[name] for name in COORDINATES}
        is_same = all(getattr(self.order, name) == text for name, text in texts.items())
        return (
            None if is_same and not any(coordinates.values()) else Address(**texts, **coordinates)
        )

    def _group(self, heading: str, *names: str) -> FieldGroup:
        return FieldGroup(
            heading, [ShownField(self[name]) for name in names if name in self.fields]
        )


def stores_of(order: Order) -> QuerySet[Source]:
    """Return the sources at which an order can be collected, and the one where it is."""
    stores = Source.objects.filter(
        Q(is_pickup_location=True, is_enabled=True, links__stock=order.stock_id)
        | Q(pk=order.pickup_source_id)
    )
    return stores.order_by("code").distinct()


def _as_it_is(order: Order) -> dict[str, Any]:
    """Return what an order says, by field."""
    store = "" if order.pickup_source is None else order.pickup_source.code
    names = (*CONTACT, "fulfillment_method", "ship_complete", *ADDRESS)
    return {**{name: getattr(order, name) for name in names}, "pickup_source": store}


def _as_stored(typed: Any) -> Any:
    """Return what was typed as the order would have it."""
    value = getattr(typed, "code", typed)
    return "" if value is None else value
