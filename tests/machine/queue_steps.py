"""What happens to shipments that wait: moved by hand, released, late, asked about."""

import contextlib
import copy
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from core.operations.bulk.apply import BulkRequest, confirm, make_rows
from core.operations.bulk.preview import preview
from fulfillment.delays.terms import DelayAnswer
from fulfillment.models import (
    DelayDecision,
    DelayRequest,
    ReleaseDecision,
    ReleaseRun,
    Shipment,
    SourceBar,
)
from fulfillment.operations.delays.answers import answer
from fulfillment.operations.delays.silence import act_on_delays
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.bars import lift_bar
from fulfillment.operations.moves.customer_care import move_to_care, return_to_queue
from fulfillment.operations.moves.expected_date import set_expected_date
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold, lift_hold
from fulfillment.operations.moves.priority import set_priority
from fulfillment.operations.moves.reassignment import reassign, reroute
from fulfillment.operations.payments import secure_payments
from fulfillment.release.rows import decision_log
from fulfillment.release.runs import engine
from fulfillment.release.runs.apply_dry_run import apply_run
from fulfillment.release.runs.one_shipment import release_ahead
from fulfillment.release.runs.part_release import release_part
from fulfillment.review.bulk import ROW_ACTIONS, cancel_shipment
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from inventory.options import ReleaseMode
from orders.models import OrderEmail
from orders.payments.outcome_inquiry import ask_due
from tests.machine.rows import all_rows
from tests.machine.shop import ANY, ENDED, REFUSALS, ZONE, ShopMachine, one_of

has_open = precondition(lambda shop: shop.has("READY", "BACKORDER", "FUTURE", "CUSTOMER_CARE"))
has_waiting = precondition(lambda shop: shop.has("BACKORDER", "FUTURE"))
COMMAND = ReleaseRun.Trigger.COMMAND


class KilledError(BaseException):
    """The worker stops here."""


class QueueSteps(ShopMachine):
    """Shipments from the day on which they wait to the day on which they can leave."""

    def open_shipments(self) -> Any:
        return Shipment.objects.exclude(state__in=ENDED).order_by("pk")

    @has_open
    @rule(number=ANY)
    def hold_or_lift(self, number: Any) -> None:
        shipment = one_of(self.open_shipments(), number)
        with contextlib.suppress(*REFUSALS):
            if shipment.is_held and shipment.hold_reason != "REST":
                lift_hold(shipment.pk, self.act())
            else:
                hold(shipment.pk, self.act("Asked for"))

    @precondition(lambda shop: shop.has("READY"))
    @rule(number=ANY, units=st.one_of(st.none(), st.integers(0, 6).map(Decimal)))
    def send_back(self, number: Any, units: Any) -> None:
        shipment = one_of(Shipment.objects.filter(state="READY").order_by("pk"), number)
        line = shipment.lines.first()
        before = self.on_hand(line.product_id)
        counted = None if units is None else {line.product_id: units}
        with contextlib.suppress(*REFUSALS):
            move_to_backorder(shipment.pk, self.act("Not found"), counted=counted)
            item = line.product.source_items.get(source=shipment.source)
            assert units is None or item.quantity == units
        came = self.on_hand(line.product_id) - before
        assert units is not None or came == 0
        self.judge.came[line.order_line.sku] += came

    @precondition(lambda shop: shop.has("bar"))
    @rule(number=ANY)
    def lift_bar(self, number: Any) -> None:
        bar = one_of(SourceBar.objects.in_force().order_by("pk"), number)
        if bar is not None:
            with contextlib.suppress(*REFUSALS):
                codes = {"source_code": bar.source.code, "sku": bar.product.sku}
                lift_bar(bar.shipment_id, self.act(), **codes)

    @has_open
    @rule(number=ANY, source=st.sampled_from([None, "a", "b"]))
    def reassign(self, number: Any, source: Any) -> None:
        shipment = one_of(self.open_shipments(), number)
        with contextlib.suppress(*REFUSALS):
            if source is None:
                reroute(shipment.pk, self.act("Nearer"))
            else:
                reassign(shipment.pk, self.act("Nearer"), source_code=source)

    @has_open
    @rule(number=ANY, priority=st.integers(0, 3))
    def set_priority(self, number: Any, priority: int) -> None:
        with contextlib.suppress(*REFUSALS):
            set_priority(one_of(self.open_shipments(), number).pk, self.act(), priority=priority)

    @has_open
    @rule(number=ANY, days=st.sampled_from([None, 0, 7, 40]))
    def expect(self, number: Any, days: Any) -> None:
        day = None if days is None else self.now.date() + timedelta(days=days)
        with contextlib.suppress(*REFUSALS):
            set_expected_date(
                one_of(self.open_shipments(), number).pk,
                self.act("Called"),
                expected_on=day,
                today=self.now.date(),
            )

    @has_open
    @rule(number=ANY)
    def care_or_return(self, number: Any) -> None:
        shipment = one_of(self.open_shipments(), number)
        with contextlib.suppress(*REFUSALS):
            is_care = shipment.state == "CUSTOMER_CARE"
            (return_to_queue if is_care else move_to_care)(shipment.pk, self.act("Strange"))

    @has_open
    @rule(
        action=st.sampled_from(
            ["REASSIGN", "CANCEL", "HOLD", "LIFT_HOLD", "CUSTOMER_CARE", "FULFILL", "PACK"]
        ),
        source=st.sampled_from(["a", "b"]),
        count=st.integers(1, 6),
    )
    def change_in_bulk(self, action: str, source: str, count: int) -> None:
        keys = tuple(self.open_shipments().values_list("pk", flat=True)[:count])
        values = {"zone": "UTC", "source": source, "reason": "All of them"}
        act = self.act()
        shown = preview(action, keys, values, act, page=1, page_size=50)
        made = confirm(BulkRequest(action, keys, values, "All", shown.snapshot), act)
        assert made.changed_count + made.refused_count + made.unchanged_count == len(keys)

    @has_open
    @rule(
        action=st.sampled_from(["REASSIGN", "CANCEL", "FULFILL"]),
        source=st.sampled_from(["a", "b"]),
        count=st.integers(1, 6),
    )
    def compare_with_one_by_one(self, action: str, source: str, count: int) -> None:
        """The same comes of a change of many together as of the moves one by one; undone."""
        shipments = self.open_shipments().select_related("order")[:count]

        def one_by_one() -> None:
            for shipment in shipments:
                with contextlib.suppress(*REFUSALS):
                    if action == "CANCEL":
                        cancel_shipment(shipment, self.act("All of them"))
                    elif action == "REASSIGN":
                        reassign(shipment.pk, self.act("All of them"), source_code=source)
                    else:
                        fulfill(shipment.pk, self.act())

        change = ShipmentBulkChange(
            BulkAction(action), source=source, reason="" if action == "FULFILL" else "All of them"
        )

        def together() -> None:
            row_action = ROW_ACTIONS[action]
            keys = [shipment.pk for shipment in shipments]
            for start in range(0, count, row_action.chunk):
                part = keys[start : start + row_action.chunk]
                make_rows(row_action, part, change, self.act(), {})

        made = self.taken_back(together)
        by_hand = self.taken_back(one_by_one)
        for name, rows in by_hand.items():
            assert made[name] == rows, name

    def taken_back(self, work: Callable[[], None]) -> dict[str, Any]:
        """Return all rows as they are after work, gateways asked; then all is as before."""
        books = {name: copy.deepcopy(vars(bank)) for name, bank in self.judge.banks.items()}
        with transaction.atomic():
            work()
            ask_due(now=self.now + timedelta(minutes=2))
            rows = all_rows()
            transaction.set_rollback(True)
        for name, bank in self.judge.banks.items():
            vars(bank).update(books[name])
        return rows

    @rule()
    def release(self) -> None:
        run = engine.run_release(act=self.act(), zone=ZONE, trigger=COMMAND)

        assert (run.state, run.failed_count) == ("COMPLETED", 0)

    @has_waiting
    @rule()
    def release_as_shown(self) -> None:
        shown = engine.run_release(act=self.act(), zone=ZONE, trigger=COMMAND, is_dry_run=True)
        run = apply_run(run_id=shown.pk, act=self.act(), zone=ZONE)

        assert (run.state, run.failed_count) == ("COMPLETED", 0)
        assert decisions_of(run) == decisions_of(shown)

    @has_waiting
    @rule(number=ANY)
    def release_ahead(self, number: Any) -> None:
        shipment = one_of(Shipment.objects.in_queue().order_by("pk"), number)
        with contextlib.suppress(*REFUSALS):
            release_ahead(shipment.pk, self.act("Asked for"), zone=ZONE)

    @has_waiting
    @rule(number=ANY, mode=st.sampled_from([ReleaseMode.BY_LINE, ReleaseMode.BY_QUANTITY]))
    def ship_what_is_there(self, number: Any, mode: Any) -> None:
        shipment = one_of(Shipment.objects.in_queue().order_by("pk"), number)
        with contextlib.suppress(*REFUSALS):
            release_part(shipment.pk, self.act("Asked for"), zone=ZONE, mode=mode)

    @has_waiting
    @rule()
    def crash(self) -> None:
        """The worker stops after a batch was written, before it was committed."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(decision_log, "keep_decisions", stop)
            with contextlib.suppress(KilledError):
                engine.run_release(act=self.act(), zone=ZONE, trigger=COMMAND)

    @rule(hours=st.sampled_from([1, 24, 72, 240]))
    def time_passes(self, hours: int) -> None:
        """The jobs of the day have run, and the e-mails are sent."""
        self.now += timedelta(hours=hours)
        engine.renew_dates(now=self.now, zone=ZONE)
        act_on_delays(now=self.now)
        secure_payments(now=self.now)
        queued = OrderEmail.objects.filter(state="QUEUED")
        queued.update(state="SENT", sent_at=self.now, body="Please read.")

    @precondition(lambda shop: shop.has("asked"))
    @rule(number=ANY, given=st.sampled_from(list(DelayAnswer)), is_staff=st.booleans())
    def answer_delay(self, number: Any, given: Any, is_staff: Any) -> None:
        request = one_of(DelayRequest.objects.filter(state__startswith="OPEN"), number)
        by = DelayDecision.By.STAFF if is_staff else DelayDecision.By.CUSTOMER
        with contextlib.suppress(*REFUSALS):
            answer(
                request.order_id,
                {request.pk: request.new_on},
                given,
                self.act("By telephone"),
                by=by,
                today=self.now.date(),
            )


def stop(*arguments: Any, **values: Any) -> None:
    raise KilledError


def decisions_of(run: ReleaseRun) -> list[Any]:
    return list(
        ReleaseDecision.objects.filter(run=run, outcome__in=("RELEASED", "PARTLY_RELEASED"))
        .order_by("position")
        .values_list("shipment__number", "outcome", "detail__children")
    )
