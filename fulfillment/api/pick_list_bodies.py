"""The bodies of pick lists over the API."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext
from rest_framework import serializers

from core import formats
from core.api.fields import Body, QuantityField, StrictSerializer, TextField
from core.api.problems import ProblemError, at, conflict, refused, refused_at
from fulfillment.models import PickLine, PickList
from fulfillment.operations.picking.pick_lists import (
    MOST_SHIPMENTS,
    ClosedPickListError,
    NotListedError,
    PackedShipmentError,
    PickListError,
)
from fulfillment.operations.picking.picks import (
    CountedMeanwhileError,
    NotOnPickListError,
    PackedPickError,
    PickedAlreadyError,
    PickRefusedError,
    TooManyPickedError,
    UnknownCodeError,
)
from fulfillment.operations.picking.shortages import (
    FoundTooManyError,
    NotShortError,
    ShortCountRefusedError,
    ShortOutcome,
)
from inventory.options import ReleaseMode


class PickListBody(StrictSerializer):
    """A list to make, of the shipments named, or of all that match: at most 200.

    ``filter`` is written as the query of ``shipments/``: ``channel=web&sku=A``.
    """

    source = TextField(max_length=64)
    shipments = serializers.ListField(
        child=TextField(max_length=48), required=False, min_length=1, max_length=MOST_SHIPMENTS
    )
    filter = TextField(max_length=2_000, required=False, allow_blank=True)


class PickLineSerializer(Body[PickLine]):
    """Units of a shipment's line to fetch, and how many are picked."""

    shipment = serializers.CharField(source="shipment.number")
    line = serializers.IntegerField(source="shipment_line.order_line.number")
    sku = serializers.CharField(source="shipment_line.order_line.sku")
    barcode = serializers.CharField(source="shipment_line.product.barcode")
    quantity = QuantityField()
    picked_quantity = QuantityField()
    is_open = serializers.BooleanField()
    is_put_back = serializers.BooleanField()


class PickListSerializer(Body[PickList]):
    """A pick list. Units that are put back belong on the shelf again."""

    id = serializers.IntegerField(source="pk")
    source = serializers.CharField(source="source.code")
    state = serializers.ChoiceField(choices=PickList.State.choices)
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    picks = PickLineSerializer(many=True)


class NewPickListSerializer(PickListSerializer):
    """A new pick list, and the shipments that are not on it."""

    on_other_lists = serializers.ListField(child=serializers.CharField())
    not_ready = serializers.ListField(child=serializers.CharField())
    left_over = serializers.ListField(child=serializers.CharField())


class PickBody(StrictSerializer):
    """How many units of a shipment's line are picked in all.

    ``shown_quantity`` is how many you were shown; where it is another by now, nothing is kept.
    """

    shipment = TextField(max_length=48)
    line = serializers.IntegerField(min_value=1)
    picked_quantity = QuantityField()
    shown_quantity = QuantityField(required=False)


class ScanBody(StrictSerializer):
    """One unit of the product with a barcode or SKU. The same ``scan`` counts once."""

    barcode = TextField(max_length=64)
    scan = TextField(max_length=64)


class ShortBody(StrictSerializer):
    """Units of a product that were found, beside those picked, and those left at the source.

    ``fall_back`` says what of a shipment on the list waits again; without it the release mode.
    """

    sku = TextField(max_length=64)
    found_quantity = QuantityField()
    left_quantity = QuantityField(required=False)
    fall_back = serializers.ChoiceField(
        choices=[(mode.value, mode.value) for mode in ReleaseMode], required=False
    )


class ShortSerializer(Body[ShortOutcome]):
    """What the source holds by the count, before and after, and which shipments wait again."""

    counted_before = QuantityField()
    counted = QuantityField()
    waiting = serializers.ListField(child=serializers.CharField())


class TakeOffBody(StrictSerializer):
    """Shipments to take off the list, all or none."""

    shipments = serializers.ListField(
        child=TextField(max_length=48), min_length=1, max_length=MOST_SHIPMENTS
    )


def pick_lists() -> QuerySet[PickList]:
    """Return pick lists with the rows that their bodies need; two statements for any number."""
    picks = PickLine.objects.select_related(
        "shipment", "shipment_line__order_line", "shipment_line__product"
    ).order_by("shipment_line__order_line__sku", "shipment__number", "pk")
    lists = PickList.objects.select_related("source", "created_by").order_by("-pk")
    return lists.prefetch_related(Prefetch("picks", picks))


def _too_many_found(error: FoundTooManyError) -> ProblemError:
    detail = gettext("The list misses %(units)s units. No more can be found for it.")
    values = {"units": formats.quantity(error.missing)}
    return refused_at("/found_quantity", "FOUND_TOO_MANY", detail % values)


# What each refusal is as a problem; of two that fit, the first.
PROBLEMS: Mapping[type[PickListError], Callable[[Any], ProblemError]] = {
    ClosedPickListError: lambda _error: conflict("CLOSED", gettext("The pick list is closed.")),
    UnknownCodeError: lambda _error: refused(
        "NOT_ON_LIST", gettext("No product on this list has this SKU or barcode.")
    ),
    NotListedError: lambda _error: conflict(
        "NOT_ON_LIST", gettext("These shipments are not on the list. None was taken off.")
    ),
    PickedAlreadyError: lambda _error: conflict(
        "PICKED_ALREADY", gettext("All units of this product are picked already.")
    ),
    NotOnPickListError: lambda _error: conflict(
        "NOT_ON_LIST", gettext("The list has changed. Review it and try again.")
    ),
    TooManyPickedError: lambda _error: refused(
        "TOO_MANY_PICKED", gettext("More units are entered than a shipment needs.")
    ),
    CountedMeanwhileError: lambda _error: conflict(
        "COUNTED_MEANWHILE",
        gettext("Another quantity is picked by now than was shown. Nothing was kept."),
    ),
    PackedPickError: lambda _error: conflict(
        "PACKED", gettext("The shipment is packed. Unpack it before you count fewer units.")
    ),
    PackedShipmentError: lambda error: conflict(
        "PACKED",
        gettext("%(shipment)s is packed. Unpack it before you take it off.") % {"shipment": error},
    ),
    NotShortError: lambda _error: conflict(
        "NOT_SHORT", gettext("No unit of this product is missing on the list.")
    ),
    FoundTooManyError: _too_many_found,
    ShortCountRefusedError: lambda error: conflict("COUNT_REFUSED", str(error)),
}


@contextmanager
def pick_list_faults(
    pick_ids: Sequence[int] = (), shipment_ids: Sequence[int] = ()
) -> Iterator[None]:
    """Turn refusals of pick lists into problems.

    ``pick_ids`` are those of the rows of a list, ``shipment_ids`` those of its shipments, for a
    refusal of one of them to point at it.

    :raises core.api.problems.ProblemError: 409 for what the list does not allow now, 422 for what
        is named and cannot be.
    """
    try:
        yield
    except tuple(PROBLEMS) as error:
        problem = PROBLEMS[type(error)](error)
        if isinstance(error, PickRefusedError) and pick_ids:
            problem = at(problem, [f"/{pick_ids.index(error.pick.pk)}"])
        if isinstance(error, NotListedError):
            wrong = [n for n, key in enumerate(shipment_ids) if key in error.shipment_ids]
            problem = at(problem, [f"/shipments/{number}" for number in wrong])
        raise problem from error


def pick_list_body(pick_list_id: int) -> dict[str, Any]:
    """Return the body of a pick list as it is now."""
    return dict(PickListSerializer(pick_lists().get(pk=pick_list_id)).data)
