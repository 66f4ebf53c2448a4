"""Every page of the admin opens, and takes as many queries for many rows as for one."""

from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from core.callers import Caller
from core.models import AccountEmail, BulkChange, Job, SecurityEvent
from core.operations.api_keys import issue_key
from core.operations.security_events import record
from fulfillment.models import (
    Allocation,
    Carrier,
    DelayRequest,
    DemandDigest,
    Parcel,
    PickLine,
    PickList,
    ReleaseDecision,
    ReleaseRun,
    RuleEmail,
    RuleRun,
    RuleStep,
    ShipmentEvent,
    WaitingRule,
)
from fulfillment.release.runs.record import KIND
from inventory.files.findings import Findings, RowProblem
from inventory.models import BackInStockRequest, ImportFile, InventoryConfiguration, LowStockDigest
from orders.models import (
    Cancellation,
    CancellationLine,
    NoticeText,
    OrderEmail,
    Payment,
    PaymentOperation,
    Refund,
    Return,
)
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    SalesChannelFactory,
    SourceItemFactory,
    StockFactory,
)

pytestmark = pytest.mark.django_db

PROJECT_APPS = {"core", "inventory", "orders", "fulfillment"}
PROJECT_MODELS = [
    model
    for model in admin.site._registry
    if model._meta.app_label in PROJECT_APPS and model is not InventoryConfiguration
]
OTHER_MODELS = [
    model for model in admin.site._registry if model._meta.app_label not in PROJECT_APPS
]
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
NAMELESS = RowProblem(2, "name", "", "A new product needs a name.")
REFUSED = asdict(
    Findings(problem_count=1, refused_row_count=1, refused_lines=(2,), problems=(NAMELESS,))
)


def make_rows(number: int) -> None:
    """Make one row of everything, its relations all different rows."""
    item = SourceItemFactory()
    StockFactory(sources=[item.source])
    FutureSupplyFactory(product=item.product)
    shipment = BackorderFactory(lines={item.product: 2})
    ShipmentEvent.objects.create(shipment=shipment, kind="CREATED", created_at=NOW)
    asked = DelayRequest.objects.create(
        order=shipment.order,
        shipment=shipment,
        ordinal=1,
        agreed_on=NOW.date(),
        silence="CANCELS",
        answer_by=NOW.date(),
        opened_at=NOW,
    )
    shipment.lines.update(delay_request=asked)
    line = shipment.lines.get()
    Allocation.objects.create(
        order_line=line.order_line, shipment_line=line, source_item=item, quantity=1
    )
    order = shipment.order
    payment = Payment.objects.create(
        order=order, gateway="manual", currency="USD", amount=Decimal(5), created_at=NOW
    )
    PaymentOperation.objects.create(
        payment=payment,
        kind="AUTHORIZE",
        amount=Decimal(5),
        idempotency_key=f"{number}",
        created_at=NOW,
    )
    canceled = Cancellation.objects.create(order=order, created_at=NOW)
    CancellationLine.objects.create(cancellation=canceled, order_line=line.order_line, quantity=1)
    Refund.objects.create(order=order, created_at=NOW)
    Return.objects.create(order=order, created_at=NOW, state="OPEN")
    OrderEmail.objects.create(
        order=order,
        kind="CONFIRMATION",
        event_key="placed",
        language="en",
        recipient="a@example.com",
        created_at=NOW,
        next_attempt_at=NOW,
    )
    NoticeText.objects.create(
        kind=OrderEmail.Kind.values[number % len(OrderEmail.Kind)],
        language=("en", "sv", "fr")[number // len(OrderEmail.Kind)],
        subject="{{ order_number }}",
        text="{{ order_number }}",
    )
    rule = WaitingRule.objects.create(name=f"S-{number}", age_days_min=1, action="HOLD")
    rules_run = RuleRun.objects.create(kind="fulfillment.rules", trigger="STAFF", created_at=NOW)
    step = RuleStep.objects.create(
        run=rules_run,
        rule=rule,
        name=rule.name,
        action="HOLD",
        rule_version=WaitingRule.objects.get(pk=rule.pk).version,
        state="STOPPED",
        shipment_ids=[shipment.pk],
    )
    RuleEmail.objects.create(
        step=step, recipient="a@example.com", subject="S-1", body="1", next_attempt_at=NOW
    )
    user = User.objects.create(username=f"program-{number}")
    issue_key(user.pk, name="shop", now=NOW)
    carrier = Carrier.objects.create(
        code=f"S-{number}", name=f"SKU-{number}", tracking_url="https://s.test/{number}"
    )
    Parcel.objects.create(
        shipment=shipment, carrier=carrier, tracking_number=f"SKU-{number}", weight=Decimal("1.5")
    )
    pick_list = PickList.objects.create(source=item.source, created_by=user, created_at=NOW)
    PickLine.objects.create(
        pick_list=pick_list,
        shipment=shipment,
        shipment_line=line,
        quantity=Decimal(2),
        is_open=False,
        is_put_back=True,
    )
    ImportFile.objects.create(
        format="PRODUCTS",
        name="products.csv",
        text="sku\nA\n",
        findings=REFUSED,
        uploaded_by=user,
        uploaded_at=NOW,
    )
    LowStockDigest.objects.create(
        day=NOW.date(), source=item.source, recipient="a@example.com", next_attempt_at=NOW
    )
    DemandDigest.objects.create(
        day=NOW.date(), recipient=f"{number}@example.com", next_attempt_at=NOW
    )
    BackInStockRequest.objects.create(
        product=item.product,
        channel=SalesChannelFactory(),
        recipient="a@example.com",
        asked_at=NOW,
        next_attempt_at=NOW,
    )
    BulkChange.objects.create(
        action="STATUS", summary="Set status", row_ids=[], chosen_count=0, created_at=NOW
    )
    AccountEmail.objects.create(
        user=user, recipient="a@example.com", created_at=NOW, next_attempt_at=NOW
    )
    record(Caller(NOW, user.pk), SecurityEvent.Kind.LOGGED_IN, person_id=user.pk)
    Job.objects.create(kind=f"kind-{number}", started_by=user, created_at=NOW)
    crontab = CrontabSchedule.objects.create(minute=f"{number}")
    PeriodicTask.objects.create(name=f"{number}", task="fulfillment.heartbeat", crontab=crontab)
    run = ReleaseRun.objects.create(kind=KIND, trigger="STAFF", created_at=NOW)
    ReleaseDecision.objects.create(run=run, shipment=shipment, position=1, outcome="WAITING")


def changelist(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def queries_of(admin_client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = admin_client.get(url)
    assert response.status_code == 200
    return len(queries)


def test_changelists_take_as_many_queries_for_twenty_rows_as_for_one(admin_client: Client) -> None:
    lists = [changelist(model) for model in PROJECT_MODELS]
    make_rows(0)
    few = {url: queries_of(admin_client, url) for url in lists}
    for number in range(1, 20):
        make_rows(number)

    many = {url: queries_of(admin_client, url) for url in lists}

    assert {url: (few[url], many[url]) for url in lists if many[url] > few[url]} == {}
    assert {url: count for url, count in many.items() if count > 15} == {}


@pytest.mark.parametrize("model", PROJECT_MODELS, ids=lambda model: model._meta.label_lower)
def test_every_row_opens(admin_client: Client, model: Any) -> None:
    make_rows(0)
    row = model.objects.order_by("pk").last()
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])

    assert admin_client.get(url).status_code == 200


@pytest.mark.parametrize("model", OTHER_MODELS, ids=lambda model: model._meta.label_lower)
def test_third_party_lists_and_add_pages_open(admin_client: Client, model: Any) -> None:
    queries_of(admin_client, changelist(model))
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_add"
    assert admin_client.get(reverse(name)).status_code in {200, 403}
