"""Takes a transfer back of which the units were sent: what is still on its way is canceled."""

from collections.abc import Collection, Iterable, Sequence

from core.acts import Act
from core.operations.bulk.row_plans import BulkRow, Shift
from core.quantities import ZERO, format_quantity
from core.text import Sentence
from core.text import gettext_noop as _
from inventory import ports
from inventory.models import FutureSupply
from inventory.operations.future_supply import cancel_supplies, preview_closes
from inventory.promises import broken_shipments
from inventory.queries.row_changes import key_of

State = FutureSupply.State

ALL_RECEIVED = _("Everything was received already: %(received)s. Transfer it back from there.")
CLOSED_SHORT = _("It was closed. Received: %(received)s of %(sent)s.")
REST_BACK = _("Units that go back: %(units)s. Received already, to stay there: %(received)s.")


def plan(supply_ids: Collection[int]) -> list[BulkRow]:
    """Return a row for each record that was made of units that were sent."""
    found = FutureSupply.objects.select_related("product", "source", "sent_from")
    records = found.filter(pk__in=supply_ids).order_by("pk")
    return [_row_of(record) for record in records]


def lock(supply_ids: Collection[int]) -> None:
    """Lock the shipments promised or dated by the records, the items at both ends, the records."""
    ports.current().lock_promises(supply_ids, losing=supply_ids)


def write(supply_ids: Iterable[int], act: Act) -> None:
    """Cancel what is on its way: its units are back at their senders."""
    cancel_supplies(sorted(supply_ids), act)


def affected_shipments(rows: Iterable[BulkRow], supply_ids: Sequence[int]) -> set[str]:
    """Return the shipments that would lose their promise."""
    changing = {row.key for row in rows if row.is_change}
    closing = [pk for pk in supply_ids if key_of(FutureSupply, pk) in changing]
    return broken_shipments(preview_closes(closing).values())


def _row_of(record: FutureSupply) -> BulkRow:
    is_open = record.state == State.OPEN
    outstanding = record.outstanding_quantity if is_open else ZERO
    shifts = (
        Shift("state", record.state, State.CANCELED.value if is_open else record.state),
        Shift("quantity_on_its_way", outstanding, ZERO),
    )
    values = {
        "units": format_quantity(outstanding),
        "received": format_quantity(record.received_quantity),
        "sent": format_quantity(record.quantity),
    }
    refusal = effect = None
    if record.state == State.RECEIVED:
        is_short = record.received_quantity < record.quantity
        refusal = Sentence(CLOSED_SHORT if is_short else ALL_RECEIVED, values)
    elif is_open and record.received_quantity:
        effect = Sentence(REST_BACK, values)
    sender = record.sent_from
    names = record.product.sku, "" if sender is None else sender.code
    return BulkRow(key_of(FutureSupply, record.pk), names, shifts, refusal, effect)
