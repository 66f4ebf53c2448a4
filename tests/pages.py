"""Every page of ours, and rows that give each something to say: for tests that look at all pages.

The pages are those that the table of roles names, the lists and forms of every model, and those
that :func:`make_telling_rows` makes.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.http import urlencode

from core.acts import Act
from core.models import BulkChange, Job
from core.operations.bulk import apply
from fulfillment.models import ReleaseRun, Shipment, SourceBar
from fulfillment.operations.placing.shipment_rows import NOT_ASSIGNED
from fulfillment.release.runs import engine
from fulfillment.release.runs.apply_dry_run import DriftError, apply_run
from fulfillment.review.bulk_change import BulkAction
from fulfillment.review.effect_words import Code
from inventory.models import Product, SourceItem
from inventory.options import ReleasePolicy
from orders.models import Cancellation
from orders.placing.commitment import UNASSIGNED_REASON
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.inventory.files.imports import checked
from tests.present import present
from tests.test_admin_smoke import PROJECT_MODELS
from tests.test_roles_walk import NOBODY, TABLE, asked, our_addresses

UTC_ZONE = ZoneInfo("UTC")
PATIENCE_SECONDS = 120


def pages(user: User) -> dict[str, str]:
    """Return what every address that answers ``user`` with a page shows, given the rows that there
    are. A file is no page, and neither is a part of a page.
    """
    client = Client()
    client.force_login(user)
    answers = {address: client.get(address) for address in dict.fromkeys(_candidates(user))}
    return {
        address: answer.text
        for address, answer in answers.items()
        if answer.status_code == 200
        and answer.headers.get("Content-Type", "").startswith("text/html")
        and "<html" in answer.text
    }


def _candidates(user: User) -> Iterator[str]:
    yield reverse("admin:index")
    for name, pattern in our_addresses().items():
        if TABLE[name].get != NOBODY:
            yield from asked(name, TABLE[name], pattern, user)
    request = RequestFactory().get("/")
    request.user = user
    for model in PROJECT_MODELS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if admin.site._registry[model].has_add_permission(request):
            yield reverse(f"{name}_add")
        last = present(model._default_manager.order_by("-pk").first())
        yield reverse(f"{name}_change", args=[last.pk])
    for model in (User, Group):
        stem = f"admin:auth_{model._meta.model_name}"
        yield from (reverse(f"{stem}_changelist"), reverse(f"{stem}_add"))
        yield reverse(f"{stem}_change", args=[model._default_manager.latest("pk").pk])
    yield reverse("admin:auth_user_password_change", args=[user.pk])
    yield reverse("admin:password_change")
    yield reverse("admin:inventory_inventoryconfiguration_change", args=[1])
    yield reverse("admin:inventory_product_history", args=[Product.objects.latest("pk").pk])


def make_telling_rows(user: User) -> dict[str, str]:
    """Make a queue that runs released, compared and could not apply, and work that was done.

    Return the addresses of the pages that show it, by what they show.
    """
    now = datetime.now(UTC)
    # A browser's test leaves an empty database behind, without what migrations made.
    Group.objects.get_or_create(name="Viewer")
    item, queue = _queue(now)
    dry = [_run(now, is_dry_run=True, policy=policy.value) for policy in ReleasePolicy]
    SourceItem.objects.filter(pk=item.pk).update(quantity=1)
    try:
        apply_run(run_id=dry[0].pk, act=Act(now, user.pk), zone=UTC_ZONE)
    except DriftError:
        drifted = ReleaseRun.objects.filter(is_dry_run=False).latest("pk")
    SourceItem.objects.filter(pk=item.pk).update(quantity=5)
    real = _run(now)
    care = BackorderFactory(lines={ProductFactory(): 1})
    Shipment.objects.filter(pk=care.pk).update(state="CUSTOMER_CARE", care_reason=NOT_ASSIGNED)
    canceled = Cancellation.objects.create(
        order=queue[0].order, created_at=now, reason=UNASSIGNED_REASON
    )
    SourceBar.objects.create(
        shipment=queue[0],
        source=item.source,
        product=item.product,
        created_at=now,
        created_by_id=user.pk,
    )
    refused = checked("source_code,sku,quantity\nnowhere,SKU-1,1\n", name="products.csv")
    stem = "admin:fulfillment_releaserun"
    return {
        "policies compared": reverse("admin:fulfillment_release_comparison")
        + f"?{urlencode({'run': [run.pk for run in dry]}, doseq=True)}",
        "dry run": reverse(f"{stem}_change", args=[dry[0].pk]),
        "dry run to apply": reverse(f"{stem}_apply", args=[dry[0].pk]),
        "drift of a dry run": reverse(f"{stem}_change", args=[drifted.pk]),
        "run": reverse(f"{stem}_change", args=[real.pk]),
        "waiting shipment": _shipment(queue[0]),
        "released shipment": _shipment(queue[1]),
        "shipment at customer care": _shipment(care),
        "order with a shipment at customer care": reverse(
            "admin:orders_order_change", args=[care.order_id]
        ),
        "cancellation by the system": reverse(
            "admin:orders_cancellation_change", args=[canceled.pk]
        ),
        "review with an explanation": reverse("admin:fulfillment_shipment_review")
        + f"?open={queue[0].pk}",
        "file with errors": reverse("admin:inventory_importfile_change", args=[refused.pk]),
        **{f"job {job.state.lower()}": _progress(job) for job in _jobs(user, now)},
    }


def _queue(now: datetime) -> tuple[SourceItem, list[Shipment]]:
    """Five units; the oldest wants eight, then come three and one.

    Its names are none that the factories count to, however many tests came before.
    """
    item = SourceItemFactory(
        product=ProductFactory(sku="SKU-0900", name="Product SKU-0900"),
        source=SourceFactory(code="source-0900"),
        quantity=Decimal(5),
    )
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    return item, [
        BackorderFactory(
            order=OrderFactory(channel=channel, placed_at=now - timedelta(days=days)),
            lines={item.product: quantity},
        )
        for days, quantity in ((40, 8), (20, 3), (2, 1))
    ]


def _run(now: datetime, **asked_for: Any) -> ReleaseRun:
    """Return a run that has ended; where workers live, it may have to wait for one of theirs."""
    run = engine.request_run(trigger=ReleaseRun.Trigger.STAFF, act=Act(now), **asked_for)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while run.state in (ReleaseRun.State.QUEUED, ReleaseRun.State.RUNNING):
        assert time.monotonic() < deadline, run.state
        engine.perform_run(run_id=run.pk, now=now, zone=UTC_ZONE)
        run.refresh_from_db()
    return run


def _jobs(user: User, now: datetime) -> Iterator[Job]:
    change = BulkChange.objects.create(
        action=BulkAction.HOLD,
        summary="Set status",
        row_ids=list(range(12)),
        chosen_count=12,
        position=5,
        changed_count=3,
        refused_count=2,
        made_by_id=user.pk,
        created_at=now,
    )
    for number in ("S-1", "S-2"):
        change.refusals.create(names=[number], message=Code.CARE_IS_NOT_HELD)
    kept = {
        "kind": apply.KIND,
        "parameters": {"bulk_change": change.pk},
        "total_count": 12,
        "created_at": now,
        "started_by": user,
    }
    yield Job.objects.create(**kept, state="QUEUED")
    yield Job.objects.create(**kept, state="RUNNING", done_count=5, started_at=now)
    for state, done_count in (("COMPLETED", 12), ("FAILED", 5), ("CANCELED", 5), ("SKIPPED", 0)):
        yield Job.objects.create(
            **kept, state=state, done_count=done_count, started_at=now, finished_at=now
        )


def _progress(job: Job) -> str:
    return reverse("admin:core_job_progress", args=[job.pk])


def _shipment(shipment: Shipment) -> str:
    return reverse("admin:fulfillment_shipment_change", args=[shipment.pk])
