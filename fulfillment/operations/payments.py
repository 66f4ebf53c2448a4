"""What money does to shipments: holds, new authorizations of what expired."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from core.acts import Act
from core.pauses import doubling_pause
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.shipments.arrivals import note_needs
from fulfillment.operations.shipments.complete_orders import keep_together
from fulfillment.operations.shipments.locking import note_event, set_columns
from fulfillment.operations.shipments.notices import tell_being_prepared, tell_of_lifted_holds
from fulfillment.operations.shipments.shortfalls import fall_back
from inventory.models import InventoryConfiguration
from inventory.resolution import resolve
from orders.models import Order, OrderEmail, OrderLine, Payment
from orders.notices.email_queue import tell_payment_needed
from orders.payments.gateway_requests import send
from orders.payments.reauthorization import ask_again

State, HoldReason, Kind = Shipment.State, Shipment.HoldReason, ShipmentEvent.Kind

FIRST_PAUSE = timedelta(hours=1)
# Time for the customer to find another way to pay.
ENDS_SOON = timedelta(days=2)
LONGEST_PAUSE = timedelta(hours=24)
BATCH_SIZE = 1_000
REASON = "PAYMENT"

# Money is needed where something is not captured and the authorization is to be replaced, or has
# lapsed. One whose shipment staff hold keeps their reason: lifting that hold shows this one. One
# that waits for the rest of its order waits for its payment first.
HOLD = f"""
WITH short AS MATERIALIZED (
    SELECT shipment.id,
        shipment.state = '{State.READY}' AND EXISTS (
            SELECT 1 FROM orders_orderline AS line
            WHERE line.order_id = shipment.order_id
              AND line.quantity > line.canceled_quantity + line.invoiced_quantity
        ) AND EXISTS (
            SELECT 1 FROM orders_payment AS payment
            WHERE payment.order_id = shipment.order_id
              AND payment.state IN ('{Payment.State.AUTHORIZED}', '{Payment.State.EXPIRED}')
        ) AND (%(reauthorizes)s OR NOT EXISTS (
            SELECT 1 FROM orders_payment AS payment
            WHERE payment.order_id = shipment.order_id
              AND payment.state = '{Payment.State.AUTHORIZED}'
              AND (payment.expires_at IS NULL OR payment.expires_at > %(now)s)
        )) AS awaits
    FROM fulfillment_shipment AS shipment WHERE shipment.id = ANY(%(ready)s)
), held AS (
    UPDATE fulfillment_shipment AS shipment
    SET awaits_payment = short.awaits,
        payment_retry_at = CASE WHEN short.awaits AND %(reauthorizes)s
            THEN %(now)s::timestamptz END,
        is_held = shipment.is_held OR short.awaits,
        hold_reason = CASE
            WHEN short.awaits AND shipment.hold_reason IN ('', '{HoldReason.REST}')
            THEN '{HoldReason.PAYMENT}' ELSE shipment.hold_reason END
    FROM short
    WHERE shipment.id = short.id AND (short.awaits OR shipment.awaits_payment)
    RETURNING shipment.id, short.awaits
)
INSERT INTO fulfillment_shipmentevent (shipment_id, kind, reason, detail, actor_id, created_at)
SELECT id, '{Kind.HELD}', '{REASON}', '{{}}', NULL, %(now)s FROM held WHERE awaits
"""  # noqa: S608 - constants


def reauthorizes() -> bool:
    """Return whether payments of released shipments are authorized again."""
    configuration = InventoryConfiguration.load().overrides()
    return bool(resolve("void_and_reauthorize", configuration=configuration).value)


def hold_for_payment(shipment_ids: Collection[int], *, now: datetime) -> None:
    """Hold those of these shipments that became READY without a sufficient authorization.

    Runs inside the caller's transaction, their orders locked. Others wait for no payment, or no
    longer; those of orders that ship complete wait for the rest of it.

    Rule: Void and reauthorize.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            HOLD,
            {"ready": sorted(shipment_ids), "reauthorizes": reauthorizes(), "now": now},
        )
    rows = Shipment.objects.filter(pk__in=shipment_ids)
    keep_together(set(rows.order_by().values_list("order", flat=True)), Act(now))


def make_ready(shipment_ids: Collection[int], *, now: datetime) -> None:
    """Hold kept promises that need a new authorization, and tell the customers of the others.

    Runs inside the caller's transaction, their orders locked.

    Rule: Void and reauthorize, a FUTURE shipment when it becomes READY.
    """
    hold_for_payment(shipment_ids, now=now)
    free = Shipment.objects.filter(pk__in=shipment_ids, is_held=False)
    ready = free.select_related("order").order_by("pk")
    tell_being_prepared({shipment: f"received-{shipment.pk}" for shipment in ready}, now=now)


def lift_payment_holds(order_id: int, *, now: datetime) -> None:
    """Lift the holds of shipments that waited for a new authorization.

    Runs in the caller's transaction. A READY shipment may be picked (unless staff hold it), and
    its customer is told; a refused one is back in the queue.

    Rule: Void and reauthorize, success.
    """
    freed = Shipment.objects.filter(order=order_id, awaits_payment=False)
    freed.filter(payment_refusal_count__gt=0).update(payment_refusal_count=0)
    awaited = _open(order_id, Q(awaits_payment=True))
    for shipment in awaited:
        was_held = shipment.hold_reason == Shipment.HoldReason.PAYMENT
        paid = {"awaits_payment": False, "payment_retry_at": None, "payment_refusal_count": 0}
        lifted = {"is_held": False, "hold_reason": ""} if was_held else {}
        set_columns([shipment], {**paid, **lifted})
        kind = ShipmentEvent.Kind.HOLD_LIFTED if was_held else ShipmentEvent.Kind.PAYMENT
        note_event(shipment, kind, Act(now, reason=REASON))
    keep_together([order_id], Act(now), shipments=awaited)
    tell_of_lifted_holds(awaited, now=now)
    note_needs([one.pk for one in awaited if one.state in Shipment.QUEUED_STATES])


def refuse_authorization(order_id: int, *, is_final: bool, now: datetime) -> None:
    """Release the units of shipments that waited for a new authorization.

    Runs in the caller's transaction. Each goes back to BACKORDER, with its age, and is left out of
    release until :func:`end_pauses`: after an hour, then two, four … up to a day; where it
    ``is_final``, until a person decides. So is each BACKORDER shipment of the order: its release
    would ask for the same authorization. Unless it is final, for no answer came, the customer is
    told once that money is needed.

    Rule: Void and reauthorize, declined.
    """
    refused = _open(order_id, Q(awaits_payment=True) | Q(state=Shipment.State.BACKORDER))
    ready = [shipment.pk for shipment in refused if shipment.state == Shipment.State.READY]
    fall_back(ready, Act(now, reason=REASON))
    for shipment in refused:
        count = shipment.payment_refusal_count + 1
        pause = doubling_pause(count, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        Shipment.objects.filter(pk=shipment.pk).update(
            awaits_payment=True,
            payment_refusal_count=count,
            payment_retry_at=None if is_final else now + pause,
        )
    note_needs(ready)
    if not is_final:
        stood = Payment.objects.filter(order=order_id).exclude(state__in=Payment.ATTEMPTED)
        last = stood.select_related("order").order_by("-pk")[:1]
        tell_payment_needed(last, zone=timezone.get_current_timezone(), now=now)


def end_pauses(*, now: datetime) -> int:
    """Let refused shipments be released again after their pause; return their number.

    Opens the transaction; a release run follows. Where payments are not authorized again, a live
    authorization is enough at once.

    Rule: Void and reauthorize, growing pauses.
    """
    live = Payment.objects.filter(order=OuterRef("order"), state=Payment.State.AUTHORIZED)
    current = live.filter(Q(expires_at=None) | Q(expires_at__gt=now))
    is_over = Q(payment_retry_at__lte=now)
    if not reauthorizes():
        is_over |= Q(Exists(current))
    paused = Shipment.objects.in_queue().filter(is_over, awaits_payment=True)
    with transaction.atomic():
        ended = list(paused.locked().values_list("pk", flat=True)[:BATCH_SIZE])
        Shipment.objects.filter(pk__in=ended).update(awaits_payment=False, payment_retry_at=None)
        note_needs(ended)
    return len(ended)


def _open(order_id: int, condition: Q) -> list[Shipment]:
    shipments = Shipment.objects.filter(condition, order=order_id)
    going_on = shipments.exclude(state__in=Shipment.TERMINAL_STATES)
    return list(going_on.locked().select_related("order"))


BATCH_SIZE = 200


def secure_payments(*, now: datetime) -> int:
    """Hold expired payments' shipments, end the pauses that are over, authorize what is due again.

    Return how many orders had one of the first and the last, how many shipments' pauses ended, and
    how many customers are told that their authorization is about to end.
    """
    told = 0 if reauthorizes() else tell_expiring(now=now)
    return told + hold_expired(now=now) + end_pauses(now=now) + authorize_due(now=now)


def tell_expiring(*, now: datetime) -> int:
    """Queue the e-mails about authorizations that end within two days and are not renewed.

    Opens the transaction. Returns how many. Each is told once; two workers tell it once.

    Rule: Notices to customers, payment needed (§18).
    """
    told = OrderEmail.objects.filter(
        order=OuterRef("order"),
        kind=OrderEmail.Kind.PAYMENT_NEEDED,
        event_key=Concat(Value("authorization-"), Cast(OuterRef("pk"), CharField())),
    )
    unpaid = OrderLine.objects.in_force().filter(
        order=OuterRef("order"), quantity__gt=F("canceled_quantity") + F("invoiced_quantity")
    )
    ending = Payment.objects.filter(
        ~Exists(told),
        Exists(unpaid),
        state=Payment.State.AUTHORIZED,
        expires_at__gt=now,
        expires_at__lte=now + ENDS_SOON,
    ).exclude(order__customer_email="")
    with transaction.atomic():
        found = list(ending.select_related("order").order_by("expires_at", "pk")[:BATCH_SIZE])
        tell_payment_needed(found, zone=timezone.get_current_timezone(), now=now)
    return len(found)


def hold_expired(*, now: datetime) -> int:
    """Mark authorizations that have expired, and hold what is READY of their orders for PAYMENT.

    Opens a short transaction an order. Returns how many authorizations expired. With
    ``void_and_reauthorize`` they are authorized again; without, the customer is told once that
    money is needed, and a person asks for it.

    Rule: Shipment states, an authorization that expires.
    """
    expired = Payment.objects.filter(state=Payment.State.AUTHORIZED, expires_at__lte=now)
    rows = list(expired.order_by("expires_at", "pk").values_list("pk", "order_id")[:BATCH_SIZE])
    for payment_id, order_id in rows:
        with transaction.atomic():
            Order.objects.select_for_update().get(pk=order_id)
            if not expired.filter(pk=payment_id).update(state=Payment.State.EXPIRED):
                continue
            if not reauthorizes():
                ended = Payment.objects.filter(pk=payment_id).select_related("order")
                tell_payment_needed(ended, zone=timezone.get_current_timezone(), now=now)
            ready = Shipment.objects.filter(order=order_id, state=Shipment.State.READY)
            hold_for_payment(ready.locked().values_list("pk", flat=True), now=now)
    return len(rows)


def authorize_due(*, now: datetime) -> int:
    """Ask for new authorizations for what is held for PAYMENT; return for how many orders.

    Opens its own transactions, one an order; safe to run twice, and twice at once.

    Rule: Void and reauthorize.
    """
    due = Shipment.objects.filter(
        state=Shipment.State.READY,
        hold_reason=Shipment.HoldReason.PAYMENT,
        awaits_payment=True,
        payment_retry_at__lte=now,
    ).exclude(order__status__in=Order.UNPAID)
    orders = due.order_by("order_id").values_list("order_id", flat=True).distinct()
    order_ids = list(orders[:BATCH_SIZE])
    for order_id in order_ids:
        asked: list[int] = []
        with transaction.atomic():
            Order.objects.select_for_update().get(pk=order_id)
            # Another worker may have seen to it since it was listed.
            if due.filter(order=order_id).exists():
                asked = ask_again(order_id, now=now)
        send(asked, now=now)
    return len(order_ids)
