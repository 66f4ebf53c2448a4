"""The examples that need a person: a payment, an e-mail, a dry run whose stock moved."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from core.acts import Act
from demo.examples.scene import CUSTOMER, Scene, place, send_emails, shipment_of
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.release.runs.apply_dry_run import DriftError, apply_run
from fulfillment.release.runs.engine import run_release
from fulfillment.release.runs.scope import RunScope
from inventory.models import Product, Source
from inventory.operations.source_items import adjust_items
from orders.models import PaymentOperation
from orders.payments.gateways import MAX_ATTEMPTS
from orders.payments.outcome_inquiry import ask_due
from orders.placing.request import Customer, PaymentRequest

# The sandbox never answers, and a person decides after ten attempts, which take four hours.
UNANSWERED = PaymentRequest("sandbox", "authorize:timeout")
# Once encoded, its domain is longer than a domain may be: no e-mail can be addressed to it.
BROKEN_ADDRESS = "einkauf@genossenschaft-für-bergausrüstung-und-führungen-zürich-österreich.example"
ARRIVED, MISCOUNTED = Decimal(10), Decimal(-6)


def show_payment(scene: Scene) -> None:
    """Leave a payment to be decided: its gateway was asked ten times and never answered."""
    order = place(
        scene, "DEMO-PAYMENT", {"DEMO-LAMP": 1}, before=timedelta(hours=8), payment=UNANSWERED
    )
    for _attempt in range(MAX_ATTEMPTS + 1):
        asked = PaymentOperation.objects.get(payment__order=order)
        if asked.next_attempt_at is None or asked.next_attempt_at > scene.now:
            break
        ask_due(now=asked.next_attempt_at)


def show_email(scene: Scene) -> None:
    """Have a confirmation fail, and send those that can be sent."""
    customer = Customer(CUSTOMER.name, BROKEN_ADDRESS)
    place(scene, "DEMO-EMAIL", {"DEMO-FLASK": 2}, before=timedelta(hours=4), customer=customer)
    send_emails(scene.now)


def show_drift(scene: Scene) -> None:
    """Apply a dry run after the count that it relied on was corrected: it is not applied."""
    order = place(scene, "DEMO-DRIFT", {"DEMO-BOAT": 10}, before=timedelta(days=2))
    shipment = shipment_of(order, Shipment.State.BACKORDER)
    if shipment is None or ReleaseRun.objects.filter(drift__0__shipment=shipment.number).exists():
        return
    boats = Product.objects.get(sku="DEMO-BOAT").pk, Source.objects.get(code="london").pk
    adjust_items({boats: ARRIVED}, scene.act("merchant", reason="Delivery"))
    run = run_release(
        act=Act(scene.now, scene.staff.get("operations")),
        zone=scene.zone,
        trigger=ReleaseRun.Trigger.STAFF,
        is_dry_run=True,
        scope=RunScope(shipments=(shipment.number,)),
    )
    adjust_items({boats: MISCOUNTED}, scene.act("merchant", reason="Counted again"))
    with suppress(DriftError):
        apply_run(run_id=run.pk, act=Act(scene.now, scene.staff.get("operations")), zone=scene.zone)
