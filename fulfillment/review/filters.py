"""The filters of shipments: one set for people, programs, runs."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.api.filters import WordsFilter, words
from core.currencies import LARGEST_AMOUNT
from fulfillment.models import ReleaseDecision, Shipment, ShipmentLine, Shipments, WaitingFigures
from fulfillment.queries.pick_lists import picked_at
from fulfillment.review.listing import waited
from fulfillment.review.promises import (
    IS_ASKED,
    PROMISES,
    PromiseKind,
    agreed_since,
    agreed_until,
    with_line,
)
from fulfillment.review.reasons import REASON_LABELS
from fulfillment.review.shipment_conditions import (
    NextSupply,
    found_by,
    with_next_supply,
    with_reason,
)
from orders.models import FulfillmentMethod, Payment

YES_NO = (("", _("Any")), ("true", _("Yes")), ("false", _("No")))


class ListedChoiceField(forms.MultipleChoiceField):
    """Several choices, given one by one or separated by commas."""

    def to_python(self, value: Any) -> list[str]:
        return [word for text in super().to_python(value) for word in text.split(",") if word]


class ListedChoiceFilter(filters.MultipleChoiceFilter):
    """``?name=A&name=B`` or ``?name=A,B``."""

    field_class = ListedChoiceField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(*args, **kwargs)
        # It goes to the filter's method; a field of choices knows no null choice.
        self.always_filter = True
        for name in ("null_label", "null_value"):
            self.extra.pop(name, None)


class OneFilter(filters.ChoiceFilter):
    """One choice, or any."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, empty_label=_("Any"), **kwargs)


class YesNoChoiceFilter(filters.TypedChoiceFilter):
    """``?name=true`` or ``?name=false``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=YES_NO, coerce="true".__eq__, **kwargs)


class DecisionReasonFilter(OneFilter):
    """Decisions by a reason for waiting."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(REASON_LABELS.items()), **kwargs)

    def filter(self, qs: QuerySet[ReleaseDecision], value: str) -> QuerySet[ReleaseDecision]:
        return qs.filter(detail__contains={"shortages": [{"reasons": [value]}]}) if value else qs


# More days than any shipment has waited, and few enough to count back from today.
MOST_DAYS = 36_500
DAYS = {"min_value": 0, "max_value": MOST_DAYS}
AMOUNT: dict[str, Any] = {"field_name": "amount", "min_value": 0, "max_value": LARGEST_AMOUNT}
WAITS_FOR = Q(quantity__gt=0)


class ShipmentFilterSet(filters.FilterSet):
    """Every way to narrow a list of shipments; all given must match.

    Ages count calendar days in ``zone``; bounds are inclusive. ``today`` is the date there.
    Nothing here limits the state by itself: the queryset given does.
    """

    q = filters.CharFilter(method="by_words", label=_("Search by number, SKU or customer"))
    state = ListedChoiceFilter(method="by_state", choices=Shipment.State.choices, label=_("State"))
    held = YesNoChoiceFilter(field_name="is_held", label=_("Held"))
    picked = YesNoChoiceFilter(method="by_picked", label=pgettext_lazy("shipment", "Picked"))
    packed = YesNoChoiceFilter(
        field_name="packed_at",
        lookup_expr="isnull",
        exclude=True,
        label=pgettext_lazy("shipment", "Packed"),
    )
    method = OneFilter(
        method="by_method", choices=FulfillmentMethod.choices, label=_("Fulfillment method")
    )
    sku = filters.CharFilter(method="by_sku", label=_("SKU"))
    order = filters.CharFilter(field_name="order__number", label=_("Order number"))
    customer = filters.CharFilter(method="by_customer", label=_("Customer's name or e-mail"))
    assignee = filters.CharFilter(
        field_name="assignee__username", label=_("Assigned to (user name)")
    )
    channel = WordsFilter(field_name="order__channel__code", label=_("Sales channel"))
    stock = WordsFilter(field_name="stock__code", label=_("Stock"))
    source = WordsFilter(field_name="source__code", label=_("Source"))
    pickup_source = WordsFilter(field_name="pickup_source__code", label=_("Pickup source"))
    age = OneFilter(method="by_age_band", choices=WaitingFigures.Band.choices, label=_("Age"))
    age_days_min = filters.NumberFilter(
        method="by_least_age", label=_("Age in days, at least"), **DAYS
    )
    age_days_max = filters.NumberFilter(
        method="by_most_age", label=_("Age in days, at most"), **DAYS
    )
    expected_after = filters.DateFilter(
        field_name="expected_on", lookup_expr="gte", label=_("Expected on or after")
    )
    expected_before = filters.DateFilter(
        field_name="expected_on", lookup_expr="lte", label=_("Expected on or before")
    )
    promised = OneFilter(
        method="by_promise", choices=PromiseKind.choices, label=_("Date given to the customer")
    )
    promised_after = filters.DateFilter(method="by_promised_after", label=_("Promised on or after"))
    promised_before = filters.DateFilter(
        method="by_promised_before", label=_("Promised on or before")
    )
    informed_after = filters.DateFilter(
        method="by_informed_after", label=_("Customer informed on or after")
    )
    informed_before = filters.DateFilter(
        method="by_informed_before", label=_("Customer informed on or before")
    )
    agreed_after = filters.DateFilter(method="by_agreed_after", label=_("Agreed date on or after"))
    agreed_before = filters.DateFilter(
        method="by_agreed_before", label=_("Agreed date on or before")
    )
    unanswered = YesNoChoiceFilter(
        method="by_unanswered", label=_("Customer asked about the delay and has not answered")
    )
    answer_days_max = filters.NumberFilter(
        method="by_days_to_answer", label=_("Days left to answer, at most"), **DAYS
    )
    asked_too_late = YesNoChoiceFilter(method="by_asked_too_late", label=_("Asked too late"))
    request_number_min = filters.NumberFilter(
        method="by_request_number", label=_("Delay requests, at least"), **DAYS
    )
    missed_promises_min = filters.NumberFilter(
        field_name="missed_promise_count",
        lookup_expr="gte",
        min_value=0,
        max_value=MOST_DAYS,
        label=_("Missed promises, at least"),
    )
    overdue = YesNoChoiceFilter(method="by_overdue", label=_("Expected date has passed"))
    reason = OneFilter(
        method="by_reason", choices=list(REASON_LABELS.items()), label=_("Why it waits")
    )
    next_supply = OneFilter(
        method="by_next_supply", choices=NextSupply.choices, label=_("Next supply")
    )
    value_min = filters.NumberFilter(lookup_expr="gte", label=_("Value, at least"), **AMOUNT)
    value_max = filters.NumberFilter(lookup_expr="lte", label=_("Value, at most"), **AMOUNT)
    currency = filters.CharFilter(field_name="order__currency", label=_("Currency"))
    expires_after = filters.DateFilter(
        method="by_expiry_after", label=_("Authorization expires on or after")
    )
    expires_before = filters.DateFilter(
        method="by_expiry_before", label=_("Authorization expires on or before")
    )

    class Meta:
        model = Shipment
        fields: list[str] = []

    def __init__(self, *args: Any, today: date, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.zone = zone

    def shipments(self) -> Shipments:
        """Return the shipments that match."""
        shipments: Shipments = self.qs
        return shipments

    def by_words(self, shipments: Shipments, name: str, text: str) -> Shipments:
        return shipments.filter(found_by(text))

    def by_state(self, shipments: Shipments, name: str, states: list[str]) -> Shipments:
        return shipments.filter(state__in=states) if states else shipments

    def by_picked(
        self,
        shipments: Shipments,
        name: str,
        is_picked: bool,  # noqa: FBT001
    ) -> Shipments:
        return shipments.alias(last_picked_at=picked_at()).filter(
            last_picked_at__isnull=not is_picked
        )

    def by_method(self, shipments: Shipments, name: str, method: str) -> Shipments:
        is_home = method == FulfillmentMethod.SHIP_TO_HOME
        return shipments.filter(pickup_source__isnull=is_home)

    def by_sku(self, shipments: Shipments, name: str, skus: str) -> Shipments:
        lines = ShipmentLine.objects.filter(WAITS_FOR, product__sku__in=words(skus))
        return shipments.filter(pk__in=lines.values("shipment"))

    def by_customer(self, shipments: Shipments, name: str, text: str) -> Shipments:
        return shipments.filter(found_by(text, only_customers=True))

    def by_age_band(self, shipments: Shipments, name: str, code: str) -> Shipments:
        return self._waited(shipments, *WaitingFigures.AGES[WaitingFigures.Band(code)])

    def by_least_age(self, shipments: Shipments, name: str, days: Decimal) -> Shipments:
        return self._waited(shipments, int(days), None)

    def by_most_age(self, shipments: Shipments, name: str, days: Decimal) -> Shipments:
        return self._waited(shipments, None, int(days))

    def by_overdue(
        self,
        shipments: Shipments,
        name: str,
        is_overdue: bool,  # noqa: FBT001
    ) -> Shipments:
        overdue = Q(expected_on__lt=self.today)
        return shipments.filter(overdue) if is_overdue else shipments.exclude(overdue)

    def by_promise(self, shipments: Shipments, name: str, kind: str) -> Shipments:
        return shipments.filter(PROMISES[PromiseKind(kind)])

    def by_promised_after(self, shipments: Shipments, name: str, day: date) -> Shipments:
        return shipments.filter(with_line(promised_on__gte=day))

    def by_promised_before(self, shipments: Shipments, name: str, day: date) -> Shipments:
        return shipments.filter(with_line(promised_on__lte=day))

    def by_informed_after(self, shipments: Shipments, name: str, day: date) -> Shipments:
        return shipments.filter(with_line(promise_told_at__gte=self._start_of(day)))

    def by_informed_before(self, shipments: Shipments, name: str, day: date) -> Shipments:
        return shipments.filter(with_line(promise_told_at__lte=self._end_of(day)))

    def by_agreed_after(self, shipments: Shipments, name: str, day: date) -> Shipments:
        return shipments.filter(agreed_since(day, self.zone))

    def by_agreed_before(self, shipments: Shipments, name: str, day: date) -> Shipments:
        return shipments.filter(agreed_until(day, self.zone))

    def by_unanswered(
        self,
        shipments: Shipments,
        name: str,
        is_asked: bool,  # noqa: FBT001
    ) -> Shipments:
        asked = with_line(IS_ASKED)
        return shipments.filter(asked if is_asked else ~asked)

    def by_days_to_answer(self, shipments: Shipments, name: str, days: Decimal) -> Shipments:
        last_day = self.today + timedelta(days=int(days))
        return shipments.filter(with_line(IS_ASKED, delay_request__answer_by__lte=last_day))

    def by_asked_too_late(
        self,
        shipments: Shipments,
        name: str,
        is_too_late: bool,  # noqa: FBT001
    ) -> Shipments:
        asked = with_line(delay_request__is_asked_too_late=True)
        return shipments.filter(asked if is_too_late else ~asked)

    def by_request_number(self, shipments: Shipments, name: str, number: Decimal) -> Shipments:
        return shipments.filter(with_line(delay_request__ordinal__gte=int(number)))

    def by_reason(self, shipments: Shipments, name: str, reason: str) -> Shipments:
        return with_reason(shipments, reason, today=self.today)

    def by_next_supply(self, shipments: Shipments, name: str, kind: str) -> Shipments:
        return with_next_supply(shipments, NextSupply(kind), today=self.today)

    def by_expiry_after(self, shipments: Shipments, name: str, day: date) -> Shipments:
        return shipments.filter(_authorized(expires_at__gte=self._start_of(day)))

    def by_expiry_before(self, shipments: Shipments, name: str, day: date) -> Shipments:
        return shipments.filter(_authorized(expires_at__lte=self._end_of(day)))

    def _waited(self, shipments: Shipments, least: int | None, most: int | None) -> Shipments:
        return shipments.filter(waited(least, most, today=self.today, zone=self.zone))

    def _start_of(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone)

    def _end_of(self, day: date) -> datetime:
        return datetime.combine(day, time.max, self.zone)


def _authorized(**expiry: datetime) -> Exists:
    authorizations = Payment.objects.filter(state=Payment.State.AUTHORIZED, **expiry)
    return Exists(authorizations.filter(order=OuterRef("order")))


def shipments_matching(
    querystring: str, *, shipments: Shipments, today: date, zone: ZoneInfo
) -> Shipments:
    """Return those of ``shipments`` that match a filter as it stands in an address.

    :raises django.core.exceptions.ValidationError: if a filter is not understood.
    """
    asked = QueryDict(querystring)
    # Left out silently, a name that is mistyped would choose everything.
    if unknown := sorted(set(asked) - set(ShipmentFilterSet.base_filters)):
        raise ValidationError(
            _("There is no filter “%(names)s”. There are: %(known)s"),
            params={
                "names": "”, “".join(unknown),
                "known": ", ".join(sorted(ShipmentFilterSet.base_filters)),
            },
        )
    chosen = ShipmentFilterSet(asked, shipments, today=today, zone=zone)
    if not chosen.is_valid():
        raise ValidationError(chosen.errors.as_data())
    return chosen.shipments()
