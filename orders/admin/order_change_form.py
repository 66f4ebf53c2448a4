"""The form of an order change: who ordered, where the order goes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.country_field import CountryField
from core.admin.fields import field_of
from core.admin.theme import CHECKBOX_CLASS, Select, TextInput
from orders.admin.fact_words import fact_in_words
from orders.admin.phone_forms import ADDRESS, FieldGroup, ShownField
from orders.admin.task_form import TaskForm
from orders.books import OrderBooks
from orders.changes.order_change import change_order
from orders.changes.request import ChangeRequest, NewContact
from orders.models import Order
from orders.placing.errors import in_words
from orders.placing.request import Address
from orders.placing.validation import OrderProblem

CONTACT = ("customer_name", "customer_email", "customer_language")
COORDINATES = ("latitude", "longitude")


class OrderChangeForm(TaskForm):
    """Who ordered, and where it goes; only what differs from the order is changed.

    ``version`` is the order's when the page was shown.
    """

    task = "change"
    label = _("Change order")
    confirm = _("Change this order")
    done = _("Changed order %(order)s.")
    change = change_order
    template = "orders/order_change_fields.html"
    records = staticmethod(lambda order, key: order.orderchanges.filter(idempotency_key=key))

    version = forms.IntegerField(widget=forms.HiddenInput)
    customer_name = forms.CharField(label=_("Customer name"), max_length=200, widget=TextInput)
    customer_email = forms.CharField(
        label=_("Customer e-mail"),
        max_length=254,
        widget=TextInput({"inputmode": "email"}),
        help_text=_("A new address ends the links in e-mails that were sent before."),
    )
    customer_language = forms.ChoiceField(label=_("Customer language"), widget=Select)
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
        if order.is_pickup:
            for name in (*ADDRESS, *COORDINATES, "chooses_sources_again"):
                del self.fields[name]
        own = order.customer_language
        from_before = [] if own in dict(settings.LANGUAGES) else [(own, own)]
        languages = field_of(self, "customer_language", forms.ChoiceField)
        languages.choices = [*settings.LANGUAGES, *from_before]
        as_it_is = {name: getattr(order, name) for name in (*CONTACT, *ADDRESS)}
        self.initial = {**as_it_is, "version": order.version, **self.initial}

    @classmethod
    def is_offered(cls, books: OrderBooks) -> bool:
        return books.order.status in Order.OPEN

    def arguments(self) -> dict[str, Any]:
        entered = self.cleaned_data
        request = ChangeRequest(
            contact=NewContact(*(entered[name] for name in CONTACT)),
            address=self._address(),
            chooses_sources_again=entered.get("chooses_sources_again", False),
        )
        return {"request": request, "expected_version": entered["version"]}

    def show_problems(self, problems: Sequence[OrderProblem]) -> None:
        """Write each reason why the change is refused beside what it is about."""
        for problem in problems:
            member = problem.path.removeprefix("set/").removeprefix("address/")
            name = member.replace("customer/", "customer_")
            self.add_error(name if name in self.fields else None, in_words(problem))

    def show_newer(self, order: Order) -> None:
        self.data = {**dict(self.data.items()), "version": str(order.version)}
        for name in (*CONTACT, *ADDRESS):
            if name in self.fields and self.cleaned_data.get(name) != getattr(order, name):
                now = {"value": fact_in_words(name, getattr(order, name))}
                self.add_error(name, gettext("The order now says: %(value)s") % now)

    def groups(self) -> list[FieldGroup]:
        """Return the fields below their headings; a pickup order goes to its store."""
        address = self._group(gettext("Address"), *ADDRESS, *COORDINATES, "chooses_sources_again")
        return [
            self._group(gettext("Customer"), *CONTACT),
            *([] if self.order.is_pickup else [address]),
            self._group("", "reason"),
        ]

    def _address(self) -> Address | None:
        """Return the address that was entered; None where it is as it was."""
        if self.order.is_pickup:
            return None
        entered = self.cleaned_data
        texts = {name: entered[name] for name in ADDRESS}
        coordinates = {name: entered[name] for name in COORDINATES}
        is_same = all(getattr(self.order, name) == text for name, text in texts.items())
        return (
            None if is_same and not any(coordinates.values()) else Address(**texts, **coordinates)
        )

    def _group(self, heading: str, *names: str) -> FieldGroup:
        return FieldGroup(heading, [ShownField(self[name]) for name in names])
