"""The work on shipments: what leaves, what waits too long, what needs a person."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from core.clock import Moment
from core.formats import day, money
from fulfillment.admin.list_links import ListLinks
from fulfillment.admin.my_work.work_cards import WorkCard, WorkRow, card_of, page_of
from fulfillment.admin.review.cell_texts import days
from fulfillment.models import DelayRequest, Shipment, WaitingFigures
from fulfillment.queries.delay_requests import due_within, needs_call
from fulfillment.review.listing import waited
from orders.models import OrderEmail, PaymentOperation, Return
from orders.permissions import REFUND

OLD = WaitingFigures.Band.OLDER


def shipping_cards(request: HttpRequest, links: ListLinks, moment: Moment) -> Iterator[WorkCard]:
    """Yield the cards of who ships, and looks after orders."""
    shipments = Shipment.objects.select_related("order", "source")
    yield card_of(
        _("Assigned to you"),
        _("Shipments that are not over"),
        links.review(state=",".join(Shipment.OPEN_STATES), assignee=request.user.get_username()),
        shipments.filter(assignee=request.user.pk, state__in=Shipment.OPEN_STATES).order_by("pk"),
        lambda shipment: WorkRow(
            shipment.number,
            page_of(shipment),
            f"{shipment.get_state_display()} · {shipment.order.customer_name}",
        ),
    )
    yield card_of(
        _("Ready to ship"),
        _("Neither on hold nor set aside for pickup"),
        links.shipments(tab="to-ship"),
        shipments.to_ship().order_by("pk"),
        _ready,
    )
    yield card_of(
        _("Not collected"),
        _("Units for pickup that customers did not collect in time"),
        links.shipments(tab="not-collected"),
        shipments.not_collected(today=moment.today).order_by("collect_by", "pk"),
        _kept,
    )
    least, most = WaitingFigures.AGES[OLD]
    yield card_of(
        _("Waiting too long"),
        _("Backordered for more than 30 days"),
        links.review(age=OLD),
        shipments.waiting()
        .filter(waited(least, most, today=moment.today, zone=moment.zone))
        .order_by("backordered_since", "pk"),
        lambda shipment: _old(shipment, moment),
    )
    yield card_of(
        _("Needs attention"),
        _("Shipments with customer care"),
        links.review(state=Shipment.State.CUSTOMER_CARE),
        shipments.filter(state=Shipment.State.CUSTOMER_CARE).order_by("pk"),
        lambda shipment: WorkRow(shipment.number, page_of(shipment), gettext(shipment.care_reason)),
    )
    requests = DelayRequest.objects.select_related("order", "shipment")
    yield card_of(
        _("Delays to decide"),
        _("No answer, and the last day is today or has passed"),
        links.to("fulfillment.delayrequest", {"deadline": "today"}),
        requests.filter(due_within(0)).order_by("answer_by", "pk"),
        _unanswered,
    )
    yield card_of(
        _("Customers to call"),
        _("No e-mail reaches them, or few days are left to answer about a delay"),
        links.to("fulfillment.delayrequest", {"staff": "call"}),
        requests.filter(needs_call()).order_by("answer_by", "pk"),
        _unanswered,
    )
    operations = PaymentOperation.objects.select_related("payment__order")
    yield card_of(
        _("Payments to decide"),
        _("The gateway did not say what it did"),
        links.to("orders.paymentoperation", {"to_decide": "yes"}),
        operations.filter(review_since__isnull=False, reviewed_at=None).order_by(
            "review_since", "pk"
        ),
        _undecided,
    )
    yield card_of(
        _("Refunds due"),
        _("To be paid back by hand"),
        links.to("orders.paymentoperation", {"state__exact": PaymentOperation.State.DUE}),
        operations.filter(state=PaymentOperation.State.DUE).order_by("created_at", "pk"),
        _undecided,
    )
    if request.user.has_perm(REFUND):
        returns = Return.objects.filter(state=Return.State.OPEN).select_related("order")
        yield card_of(
            _("Returns to refund"),
            _("Units came back, and their refund is due"),
            links.to("orders.return", {"state__exact": Return.State.OPEN}),
            returns.order_by("pk"),
            lambda row: _returned(row, moment),
        )
    emails = OrderEmail.objects.select_related("order")
    yield card_of(
        _("E-mails not sent"),
        _("Failed, or with an unknown outcome"),
        links.to("orders.orderemail", {"state__in": ",".join(OrderEmail.TROUBLED)}),
        emails.filter(state__in=OrderEmail.TROUBLED).order_by("pk"),
        lambda email: WorkRow(
            _("Order %(number)s") % {"number": email.order.number},
            page_of(email),
            str(email.get_kind_display()),
        ),
    )


def _returned(row: Return, moment: Moment) -> WorkRow:
    returned_on = day(row.created_at.astimezone(moment.zone).date())
    name = _("Order %(number)s") % {"number": row.order.number}
    amount = money(row.amount, row.order.currency)
    return WorkRow(name, page_of(row), f"{amount} · {returned_on}")


def _ready(shipment: Shipment) -> WorkRow:
    source = "" if shipment.source is None else shipment.source.name or shipment.source.code
    remark = f"{source} · {shipment.order.customer_name}"
    return WorkRow(shipment.number, page_of(shipment), remark)


def _kept(shipment: Shipment) -> WorkRow:
    kept = _("Kept until %(day)s") % {"day": day(shipment.collect_by)}
    return WorkRow(shipment.number, page_of(shipment), f"{kept} · {shipment.order.customer_name}")


def _old(shipment: Shipment, moment: Moment) -> WorkRow:
    since = shipment.backordered_since
    age = "" if since is None else days((moment.today - since.astimezone(moment.zone).date()).days)
    value = money(shipment.amount, shipment.order.currency)
    return WorkRow(shipment.number, page_of(shipment), f"{age} · {value}")


def _unanswered(request: DelayRequest) -> WorkRow:
    values = {"day": day(request.money_back_by or request.answer_by)}
    by = _("Money back by %(day)s") if request.money_back_by else _("Answer by %(day)s")
    remark = f"{by % values} · {request.order.customer_name}"
    return WorkRow(request.shipment.number, page_of(request), remark)


def _undecided(operation: PaymentOperation) -> WorkRow:
    payment = operation.payment
    values = {
        "kind": operation.get_kind_display(),
        "amount": money(operation.amount, payment.currency),
    }
    remark = _("%(kind)s of %(amount)s") % values
    name = _("Order %(number)s") % {"number": payment.order.number}
    return WorkRow(name, page_of(operation), remark)
