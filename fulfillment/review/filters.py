"""How the list of shipments narrows: one set of filters for people, programs and runs."""

from collections.abc import Mapping
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

from fulfillment.models import ReleaseDecision, Shipment, ShipmentLine, Shipments, WaitingFigures
from fulfillment.review.matching import found_by, with_reason
from fulfillment.review.next_supply import NextSupply, with_next_supply
from fulfillment.review.reasons import REASON_LABELS
from orders.models import FulfillmentMethod, Payment
from orders.placing.validation import LARGEST_MONEY

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


class YesNoFilter(filters.TypedChoiceFilter):
    """``?name=true`` or ``?name=false``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=YES_NO, coerce="true".__eq__, **kwargs)


class DecisionReasonFilter(filters.ChoiceFilter):
    """Decisions by a reason for waiting."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(REASON_LABELS.items()), **kwargs)

    def filter(self, qs: QuerySet[ReleaseDecision], value: str) -> QuerySet[ReleaseDecision]:
        return qs.filter(detail__contains={"shortages": [{"reasons": [value]}]}) if value else qs


def words(text: str) -> list[str]:
    """Return what is separated by commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


# More days than any shipment has waited, and few enough to count back from today.
MOST_DAYS = 36_500
WAITS_FOR = Q(quantity__gt=0)


class ShipmentFilterSet(filters.FilterSet):
    """Every way to narrow a list of shipments; all given must match.

    Ages count calendar days in ``zone``; bounds are inclusive. ``today`` is the date there.
    Nothing here limits the state by itself: the queryset given does.
    """

    q = filters.CharFilter(method="by_words", label=_("Search by number, SKU or customer"))
    state = ListedChoiceFilter(method="by_state", choices=Shipment.State.choices, label=_("State"))
    held = YesNoFilter(field_name="is_held", label=_("Held"))
    method = filters.ChoiceFilter(
        empty_label=_("Any"),
        method="by_method",
        choices=FulfillmentMethod.choices,
        label=_("Fulfillment method"),
    )
    sku = filters.CharFilter(method="by_sku", label=_("SKU"))
    order = filters.CharFilter(field_name="order__number", label=_("Order number"))
    customer = filters.CharFilter(method="by_customer", label=_("Customer's name or e-mail"))
    channel = filters.CharFilter(method="by_channel", label=_("Sales channel"))
    stock = filters.CharFilter(method="by_stock", label=_("Stock"))
    source = filters.CharFilter(method="by_source", label=_("Source"))
    pickup_source = filters.CharFilter(method="by_pickup_source", label=_("Pickup source"))
    age = filters.ChoiceFilter(
        empty_label=_("Any"),
        method="by_age_band",
        choices=WaitingFigures.Band.choices,
        label=_("Age"),
    )
    age_days_min = filters.NumberFilter(
        method="by_least_age", min_value=0, max_value=MOST_DAYS, label=_("Age in days, at least")
    )
    age_days_max = filters.NumberFilter(
        method="by_most_age", min_value=0, max_value=MOST_DAYS, label=_("Age in days, at most")
    )
    expected_after = filters.DateFilter(
        field_name="expected_on", lookup_expr="gte", label=_("Expected on or after")
    )
    expected_before = filters.DateFilter(
        field_name="expected_on", lookup_expr="lte", label=_("Expected on or before")
    )
    overdue = YesNoFilter(method="by_overdue", label=_("Expected date has passed"))
    reason = filters.ChoiceFilter(
        empty_label=_("Any"),
        method="by_reason",
        choices=list(REASON_LABELS.items()),
        label=_("Why it waits"),
    )
    next_supply = filters.ChoiceFilter(
        empty_label=_("Any"),
        method="by_next_supply",
        choices=NextSupply.choices,
        label=_("Next supply"),
    )
    value_min = filters.NumberFilter(
        field_name="amount",
        lookup_expr="gte",
        min_value=0,
        max_value=LARGEST_MONEY,
        label=_("Value, at least"),
    )
    value_max = filters.NumberFilter(
        field_name="amount",
        lookup_expr="lte",
        min_value=0,
        max_value=LARGEST_MONEY,
        label=_("Value, at most"),
    )
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

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        queryset: QuerySet[Shipment] | None = None,
        *,
        request: Any = None,
        prefix: str | None = None,
        today: date,
        zone: ZoneInfo,
    ) -> None:
        super().__init__(data, queryset, request=request, prefix=prefix)
        self.today = today
        self.zone = zone

    def shipments(self) -> Shipments:
        """Return the shipments that match."""
        shipments: Shipments = self.qs
        return shipments

    def by_words(self, shipments: QuerySet[Shipment], name: str, text: str) -> QuerySet[Shipment]:
        return shipments.filter(found_by(text))

    def by_state(
        self, shipments: QuerySet[Shipment], name: str, states: list[str]
    ) -> QuerySet[Shipment]:
        return shipments.filter(state__in=states) if states else shipments

    def by_method(
        self, shipments: QuerySet[Shipment], name: str, method: str
    ) -> QuerySet[Shipment]:
        is_home = method == FulfillmentMethod.SHIP_TO_HOME
        return shipments.filter(pickup_source__isnull=is_home)

    def by_sku(self, shipments: QuerySet[Shipment], name: str, skus: str) -> QuerySet[Shipment]:
        lines = ShipmentLine.objects.filter(WAITS_FOR, product__sku__in=words(skus))
        return shipments.filter(pk__in=lines.values("shipment"))

    def by_customer(
        self, shipments: QuerySet[Shipment], name: str, text: str
    ) -> QuerySet[Shipment]:
        return shipments.filter(found_by(text, only_customers=True))

    def by_channel(
        self, shipments: QuerySet[Shipment], name: str, codes: str
    ) -> QuerySet[Shipment]:
        return shipments.filter(order__channel__code__in=words(codes))

    def by_stock(self, shipments: QuerySet[Shipment], name: str, codes: str) -> QuerySet[Shipment]:
        return shipments.filter(stock__code__in=words(codes))

    def by_source(self, shipments: QuerySet[Shipment], name: str, codes: str) -> QuerySet[Shipment]:
        return shipments.filter(source__code__in=words(codes))

    def by_pickup_source(
        self, shipments: QuerySet[Shipment], name: str, codes: str
    ) -> QuerySet[Shipment]:
        return shipments.filter(pickup_source__code__in=words(codes))

    def by_age_band(
        self, shipments: QuerySet[Shipment], name: str, code: str
    ) -> QuerySet[Shipment]:
        least, most = WaitingFigures.AGES[WaitingFigures.Band(code)]
        chosen = self.by_least_age(shipments, name, Decimal(least))
        return chosen if most is None else self.by_most_age(chosen, name, Decimal(most))

    def by_least_age(
        self, shipments: QuerySet[Shipment], name: str, days: Decimal
    ) -> QuerySet[Shipment]:
        return shipments.filter(backordered_since__lte=self._end_of(self._days_ago(days)))

    def by_most_age(
        self, shipments: QuerySet[Shipment], name: str, days: Decimal
    ) -> QuerySet[Shipment]:
        return shipments.filter(backordered_since__gte=self._start_of(self._days_ago(days)))

    def by_overdue(
        self,
        shipments: QuerySet[Shipment],
        name: str,
        is_overdue: bool,  # noqa: FBT001
    ) -> QuerySet[Shipment]:
        overdue = Q(expected_on__lt=self.today)
        return shipments.filter(overdue) if is_overdue else shipments.exclude(overdue)

    def by_reason(
        self, shipments: QuerySet[Shipment], name: str, reason: str
    ) -> QuerySet[Shipment]:
        return with_reason(shipments, reason)

    def by_next_supply(
        self, shipments: QuerySet[Shipment], name: str, kind: str
    ) -> QuerySet[Shipment]:
        return with_next_supply(shipments, NextSupply(kind), today=self.today)

    def by_expiry_after(
        self, shipments: QuerySet[Shipment], name: str, day: date
    ) -> QuerySet[Shipment]:
        return shipments.filter(_authorized(expires_at__gte=self._start_of(day)))

    def by_expiry_before(
        self, shipments: QuerySet[Shipment], name: str, day: date
    ) -> QuerySet[Shipment]:
        return shipments.filter(_authorized(expires_at__lte=self._end_of(day)))

    def _days_ago(self, days: Decimal) -> date:
        return self.today - timedelta(days=int(days))

    def _start_of(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone)

    def _end_of(self, day: date) -> datetime:
        return datetime.combine(day, time.max, self.zone)


def _authorized(**expiry: datetime) -> Exists:
    authorizations = Payment.objects.filter(state=Payment.State.AUTHORIZED, **expiry)
    return Exists(authorizations.filter(order=OuterRef("order")))


def shipments_matching(
    querystring: str,
    *,
    shipments: Shipments,
    today: date,
    zone: ZoneInfo,
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
