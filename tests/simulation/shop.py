"""A shop with a clock that moves: what people do in it, and its jobs, in the order they come."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from celery import current_app
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django_celery_beat.models import CrontabSchedule

from core.acts import Act
from fulfillment.delays.terms import DelayAnswer
from fulfillment.models import DelayDecision, DelayRequest, Shipment
from fulfillment.operations.delays.answers import answer
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.queries.schedule import ScheduledTask, read_all
from inventory.models import FutureSupply, InventoryConfiguration, SalesChannel
from inventory.operations.future_supply import NewSupply, cancel_supply, change_supply
from inventory.operations.receipts import receive_supply
from inventory.operations.supply_records import record_supplies
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.orders.addresses import HOME
from tests.simulation.judge import StaffView
from tests.simulation.letters import CardReader, Letter
from tests.simulation.plan import OPENING, PRICE, SKUS, SOURCES, PlannedSupply

FIRST_DAY = date(2027, 1, 4)
# Its midnight is that of no server.
ZONE = ZoneInfo("America/New_York")
# What customers are told comes of these jobs. Of the others they see nothing here, where every
# payment is taken at once and no worker dies.
JOBS = (
    "fulfillment.renew_dates",
    "fulfillment.release_backorders",
    "fulfillment.act_on_delays",
    "orders.send_emails",
)
# Of these two some things wait for no known supply.
WITHOUT_PROMISES, WITHOUT_NOTICE = SKUS[1], SKUS[2]


class SimulatedShop:
    """Two sources, and a channel with a rule about delays; ``mode`` is the release mode."""

    def __init__(self, *, rule: str, auto_cancel: bool, mode: str) -> None:
        self.sources = {code: SourceFactory(code=code) for code in SOURCES}
        SalesChannelFactory(code="web", stock=StockFactory(sources=list(self.sources.values())))
        SalesChannel.objects.filter(code="web").update(delay_rule=rule)
        self.products = {}
        for sku in SKUS:
            own: dict[str, Any] = {}
            if sku == WITHOUT_PROMISES:
                own["future_inventory"] = False
            if sku == WITHOUT_NOTICE:
                own["backorders"] = "ALLOW_QTY_BELOW_0"
            product = ProductFactory(sku=sku, price=Decimal(PRICE), **own)
            for source in self.sources.values():
                SourceItemFactory(source=source, product=product, quantity=Decimal(OPENING))
            self.products[sku] = product
        rules = {
            "backorders": "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER",
            "future_inventory": True,
            "payment_action": "AUTHORIZE_AND_CAPTURE",
            "delay_auto_cancel": auto_cancel,
            "release_mode": mode,
        }
        InventoryConfiguration.objects.update_or_create(pk=1, defaults=rules)
        self.customer, self.staff = Client(), Client()
        user = get_user_model().objects.create_superuser("staff", "staff@example.com", "password")
        self.user = user
        # As it is made where the site has this zone from the beginning.
        CrontabSchedule.objects.update(timezone=ZONE.key)
        self.clock = Clock()
        self.supplies: dict[str, int] = {}

    def order(self, number: str, units: Mapping[str, int]) -> None:
        """A customer orders, and pays at once."""
        request = OrderRequest(
            number=number,
            channel="web",
            address=HOME,
            customer=Customer("Ada Example", f"{number.lower()}@example.com"),
            lines=tuple(LineRequest(sku, Decimal(count)) for sku, count in units.items()),
            payment=PaymentRequest("sandbox"),
        )
        place_order(request, Act(self.clock.now))

    def announce(self, supply: PlannedSupply, due: date) -> None:
        record = FutureSupply(
            product=self.products[supply.sku],
            source=self.sources[supply.source],
            quantity=Decimal(supply.quantity),
            expected_on=due,
            reference=supply.reference,
        )
        record_supplies([record])
        self.supplies[supply.reference] = FutureSupply.objects.get(reference=supply.reference).pk

    def move(self, supply: PlannedSupply, due: date | None) -> None:
        new = NewSupply(Decimal(supply.quantity), due)
        change_supply(
            self.supplies[supply.reference], new, Act(self.clock.now), today=self.clock.today
        )

    def cancel(self, supply: PlannedSupply) -> None:
        cancel_supply(self.supplies[supply.reference], Act(self.clock.now))

    def receive(self, supply: PlannedSupply, quantity: int, *, is_last: bool) -> None:
        receive_supply(
            self.supplies[supply.reference],
            Act(self.clock.now),
            quantity=Decimal(quantity),
            is_last=is_last,
        )

    def ship(self) -> Iterator[tuple[str, dict[str, int]]]:
        """Ship all that is ready; yield the order of each parcel, and its units by SKU."""
        ready = Shipment.objects.filter(state=Shipment.State.READY, hold_reason="")
        for pk in list(ready.order_by("pk").values_list("pk", flat=True)):
            shipment = fulfill(pk, Act(self.clock.now))
            lines = shipment.lines.filter(quantity__gt=0).select_related("order_line")
            yield (
                shipment.order.number,
                {line.order_line.sku: int(line.quantity) for line in lines.order_by("pk")},
            )

    def open_page(self, link: str) -> CardReader:
        """A customer follows a link."""
        response = self.customer.get(link.removeprefix("https://shop.example"))
        assert response.status_code == 200, (link, response.status_code)
        return CardReader(response.text)

    def click(self, link: str, sends: Mapping[str, str]) -> tuple[int, CardReader]:
        response = self.customer.post(link.removeprefix("https://shop.example"), dict(sends))
        return response.status_code, CardReader(response.text)

    def shown_to_staff(self) -> StaffView:
        """Return what the list of delay requests shows to staff."""
        late = self._orders_of("is_asked_too_late__exact=1&state=OPEN")
        return StaffView(late, self._orders_of("staff=money"))

    def _orders_of(self, query: str) -> frozenset[str]:
        # The session of another day has ended.
        self.staff.force_login(self.user)
        page = self.staff.get(f"/admin/fulfillment/delayrequest/?{query}")
        assert page.status_code == 200
        changelist = page.context["cl"]
        return frozenset(row.order.number for row in changelist.queryset)

    def decide(self, agrees: Callable[[str], bool]) -> Iterator[tuple[DelayRequest, DelayAnswer]]:
        """Staff call the customers about whose units they have to decide."""
        listed = DelayRequest.objects.filter(state="OPEN", money_back_by__isnull=False)
        for request in listed.select_related("order").order_by("pk"):
            if agrees(request.order.number):
                given = DelayAnswer.WAIT if request.new_on is None else DelayAnswer.WAIT_UNTIL
            else:
                given = DelayAnswer.CANCEL
            yield request, given
            answer(
                request.order_id,
                {request.pk: request.new_on},
                given,
                Act(self.clock.now, reason="By phone."),
                by=DelayDecision.By.STAFF,
                today=self.clock.today,
            )


class Clock:
    """The time, the schedule of jobs, and the worker that is called in between."""

    def __init__(self) -> None:
        self.now = datetime.combine(FIRST_DAY, time(), tzinfo=ZONE).astimezone(UTC)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._jobs: list[ScheduledTask] = []
        self._last: dict[str, datetime] = {}

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    @contextmanager
    def running(self) -> Iterator[time_machine.Traveller]:
        with time_machine.travel(self.now, tick=False) as traveller:
            self._traveller = traveller
            yield traveller

    def move_to(self, now: datetime) -> None:
        """Let it be ``now``; the counters of requests are those of the minute."""
        self.now = now
        self._traveller.move_to(now, tick=False)
        cache.clear()

    def send_task(self, name: str, kwargs: dict[str, Any] | None = None, **_: Any) -> None:
        """Stand in for the broker: a worker takes up what is called for at :meth:`work`."""
        call = (name, kwargs or {})
        if call not in self.calls:
            self.calls.append(call)

    def work(self) -> None:
        """Do what workers were called for, and what that calls for."""
        while self.calls:
            name, kwargs = self.calls.pop(0)
            current_app.tasks[name](**kwargs)

    def end_day(self, now: datetime) -> None:
        """Let the jobs have found nothing to do until ``now``."""
        self._last = dict.fromkeys(self._last, now)

    def run_due(self) -> None:
        """Run the jobs whose time has come, in the order of their times."""
        if not self._jobs:
            self._jobs = [job for job in read_all(now=self.now) if job.task in JOBS]
            self._last = {job.task: self.now - timedelta(days=1) for job in self._jobs}
        due = []
        for number, job in enumerate(self._jobs):
            assert job.timing is not None
            at, last = None, job.timing.next_after(self._last[job.task])
            while last is not None and last <= self.now:
                at, last = last, job.timing.next_after(last)
            if at is not None:
                due.append((at, number, job.task))
        for _at, _number, task in sorted(due):
            self._last[task] = self.now
            current_app.tasks[task]()
            self.work()


def letters(at: datetime) -> list[Letter]:
    """Take the e-mails out of the letter box."""
    found = [Letter(at, one.to[0], str(one.subject), str(one.body)) for one in mail.outbox]
    mail.outbox.clear()
    return found
