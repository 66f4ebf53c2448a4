"""Keeps picks in step with units that leave a shipment which stays on its pick list."""

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Exists, OuterRef

from core.quantities import ZERO
from fulfillment.models import PickLine, PickList


def reduce_picks(units: Mapping[int, Decimal], *, are_sent: bool) -> None:
    """Take units, by shipment line id, off the open picks; in the caller's transaction.

    Units that ``are_sent`` were picked; of others those that were picked too many are to be put
    back. A list of which nothing is left is closed. The shipments are locked by the caller.

    Rule: Picking and shipping, pick list (§21).
    """
    found = PickLine.objects.filter(shipment_line__in=units, is_open=True)
    lists = PickList.objects.filter(pk__in=found.values("pick_list"))
    list_ids = list(lists.locked().values_list("pk", flat=True))
    if not list_ids:
        return
    for pick in found.order_by("pk"):
        taken = units[pick.shipment_line_id]
        if are_sent:
            pick.picked_quantity = max(pick.picked_quantity - taken, ZERO)
        pick.quantity -= taken
        excess = max(pick.picked_quantity - pick.quantity, ZERO)
        if pick.quantity <= 0:
            pick.is_open, pick.is_put_back = False, not are_sent
            pick.quantity = pick.picked_quantity = excess
        elif excess:
            pick.picked_quantity = pick.quantity
            _put_back(pick, excess)
        pick.save(update_fields=["quantity", "picked_quantity", "is_open", "is_put_back"])
    done = ~Exists(PickLine.objects.filter(pick_list=OuterRef("pk"), is_open=True))
    PickList.objects.filter(done, pk__in=list_ids, state=PickList.State.OPEN).update(
        state=PickList.State.CLOSED
    )


def _put_back(pick: PickLine, quantity: Decimal) -> None:
    PickLine.objects.create(
        pick_list_id=pick.pick_list_id,
        shipment_id=pick.shipment_id,
        shipment_line_id=pick.shipment_line_id,
        quantity=quantity,
        picked_quantity=quantity,
        is_open=False,
        is_put_back=True,
    )
