"""Whatever happens to supply and orders, the dates of shipments keep their laws (§14a)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.delays.silence import act_on_delays
from fulfillment.operations.moves.expected_date import set_expected_date
from fulfillment.release.runs import engine
from fulfillment.release.runs.arrivals import release_arrivals
from inventory.models import FutureSupply, Product
from inventory.operations.future_supply import (
    NewSupply,
    cancel_supply,
    change_supply,
)
from orders.models import OrderEmail
from tests.examples import examples
from tests.factories.fulfillment import promise
from tests.factories.inventory import FutureSupplyFactory
from tests.fulfillment.release.waiting_orders import NOW, TODAY, UTC_ZONE, World, configure

DAYS = st.integers(min_value=0, max_value=40)
STEPS = st.one_of(
    st.tuples(st.just("night"), st.integers(min_value=1, max_value=20)),
    st.tuples(st.just("supply"), DAYS),
    st.tuples(st.just("move"), DAYS),
    st.tuples(st.just("undate"), st.just(0)),
    st.tuples(st.just("cancel"), st.just(0)),
    st.tuples(st.just("fix"), DAYS),
    st.tuples(st.just("free"), st.just(0)),
)


class ShopDays:
    """A shop with two waiting orders, day after day; a judge looks after each step."""

    def __init__(self, world: World, kettle: Product) -> None:
        self.world, self.kettle = world, kettle
        self.days = 0
        for number in ("1001", "1002"):
            promise(world.backorder({kettle: 3}, number=number, days=1), None)
        Shipment.objects.update(expected_on=TODAY + timedelta(days=13))
        self.former: dict[int, Any] = {}
        self.read = 0

    @property
    def now(self) -> Any:
        return NOW + timedelta(days=self.days)

    @property
    def today(self) -> date:
        return TODAY + timedelta(days=self.days)

    def do(self, kind: str, days: int) -> None:
        act, on = Act(self.now), self.today + timedelta(days=days)
        supply = FutureSupply.objects.open().order_by("-pk").first()
        waiting = Shipment.objects.backordered().order_by("pk").first()
        match kind:
            case "night":
                self.days += days
                engine.renew_dates(now=self.now, zone=UTC_ZONE)
                act_on_delays(now=self.now)
            case "supply":
                FutureSupplyFactory(
                    product=self.kettle, source=self.world.a, quantity=3, expected_on=on
                )
            case "move" | "undate" if supply is not None:
                new = NewSupply(Decimal(3), on if kind == "move" else None)
                change_supply(supply.pk, new, act, today=self.today)
            case "cancel" if supply is not None:
                cancel_supply(supply.pk, act)
            case "fix" | "free" if waiting is not None:
                day = on if kind == "fix" else None
                set_expected_date(waiting.pk, act, expected_on=day, today=self.today)
        release_arrivals(now=self.now, zone=UTC_ZONE)
        engine.run_release(act=Act(self.now), zone=UTC_ZONE, trigger="STAFF")

    def judge(self, kind: str) -> None:
        coming = {
            record.expected_on
            for record in FutureSupply.objects.open()
            if record.expected_on is not None and record.expected_on >= self.today
        }
        for shipment in Shipment.objects.waiting().order_by("pk"):
            expected = shipment.expected_on
            assert expected is not None
            assert expected >= self.today, "in the past"
            former = self.former.get(shipment.pk) or self.former.get(shipment.parent_id or 0)
            if former is not None and expected < former:
                assert expected in coming or kind == "fix", "earlier without supply for it"
            self.former[shipment.pk] = expected
            if shipment.has_known_supply:
                assert expected in coming, "known supply that is not there"
        emails = OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED").order_by("pk")
        fixed = {s.expected_on for s in Shipment.objects.filter(is_expected_on_fixed=True)}
        for email in list(emails)[self.read :]:
            named = email.context["expected_on"]
            if named is not None:
                assert date.fromisoformat(named) in coming | fixed, "nothing stands behind it"
            self.read += 1
        for line in Shipment.objects.waiting().values("lines__promised_on", "order"):
            last = emails.filter(order=line["order"]).last()
            stated = last and last.context["expected_on"]
            promised = line["lines__promised_on"]
            assert (promised and promised.isoformat()) == stated, "promise that no e-mail stated"


@pytest.mark.django_db
@settings(examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=[("supply", 0), ("night", 1)], has_future=False)
@given(steps=st.lists(STEPS, min_size=1, max_size=6), has_future=st.booleans())
def test_dates_keep_their_laws(
    world: World, kettle: Product, steps: list[tuple[str, int]], has_future: bool
) -> None:
    with transaction.atomic():
        configure(future_inventory=has_future)
        story = ShopDays(world, kettle)
        for kind, days in steps:
            story.do(kind, days)
            story.judge(kind)
        transaction.set_rollback(True)
