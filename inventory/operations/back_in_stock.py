"""Customers who ask to hear when a product can be bought again, with what they are sent."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from core.operations.mail import send_due
from inventory.models import BackInStockRequest, Stock
from inventory.models.back_in_stock import CONFIRM, UNSUBSCRIBE
from inventory.option_rules import LIMITING_OPTIONS, smallest_to_buy
from inventory.queries.salability_facts import (
    Availability,
    StockAvailability,
    availability_in_stock,
)
from inventory.salability import customers_to_tell, refusals

UNCONFIRMED_FOR = timedelta(days=2)
WAITS_FOR = timedelta(days=180)
# So that the link to unsubscribe in the e-mail works.
TOLD_FOR = timedelta(days=30)
ADDRESS_PERIOD = timedelta(days=1)
MOST_OF_ADDRESS = 5
PRODUCTS_AT_ONCE = 100
LOCK = "SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))"
ABOUT_CONFIRMING = "inventory/emails/back_in_stock_confirm.txt"
ABOUT_STOCK = "inventory/emails/back_in_stock.txt"
State = BackInStockRequest.State
WRITTEN = (
    "subject",
    "body",
    "told_at",
    "next_attempt_at",
    "state",
    "attempt_count",
    "last_error",
    "claimed_at",
    "sent_at",
)


@dataclass(frozen=True, slots=True)
class NewBackInStockRequest:
    """What a customer asks: by which e-mail address, about what, and where the site is."""

    product_id: int
    channel_id: int
    email: str
    language: str
    site: str


def ask(new: NewBackInStockRequest, *, now: datetime) -> None:
    """Queue an e-mail that asks for confirmation; opens the transaction.

    Nothing is queued where the address has a request for the product, or made five within a day.
    The caller cannot see which, so that nobody learns who asked for what.

    Rule: Back in stock (§18c).
    """
    with transaction.atomic():
        _lock("address", new.email.lower())
        own = BackInStockRequest.objects.of_address(new.email)
        if own.filter(product=new.product_id, told_at=None).exists():
            return
        if own.filter(asked_at__gt=now - ADDRESS_PERIOD).count() >= MOST_OF_ADDRESS:
            return
        request = BackInStockRequest(
            product_id=new.product_id,
            channel_id=new.channel_id,
            recipient=new.email,
            language=new.language,
            site=new.site,
            asked_at=now,
            next_attempt_at=now,
        )
        request.subject, request.body = _text_that_asks(request)
        request.save()


def products_out_of_stock(channel_id: int, skus: Collection[str], *, today: date) -> set[int]:
    """Return which of these products, by id, a channel has and cannot sell now.

    Products that are disabled, or not in the channel's stock, are left out.
    """
    stock = Stock.objects.get(sales_channels=channel_id)
    found = availability_in_stock(stock.code, skus, today=today)
    return {
        available.product.product_id
        for available in (found.products.values() if found else ())
        if available.product.is_enabled
        and available.facts.is_assigned
        and refusals(available.facts, _smallest(available))
    }


def confirm(request_id: int, *, now: datetime) -> BackInStockRequest | None:
    """Confirm a request, and return it; None if it is gone. A second time does nothing."""
    rows = BackInStockRequest.objects.filter(pk=request_id)
    rows.filter(confirmed_at=None).update(confirmed_at=now)
    return rows.select_related("product").order_by("pk").first()


def unsubscribe(request_id: int) -> None:
    """Delete every request of the address that made this one; a second time does nothing."""
    rows = BackInStockRequest.objects
    for email in rows.filter(pk=request_id).values_list("recipient", flat=True):
        rows.of_address(email).delete()


def tell_due(*, now: datetime, today: date) -> int:
    """Queue e-mails about what can be bought again, and return how many.

    Customers are informed in the order of asking, a day at most as many as the salable quantity
    allows. A set of products is decided and written in one transaction, by one worker at a time
    for each stock: a worker that is stopped loses none, and two inform nobody twice.

    Rule: Back in stock (§18c).
    """
    waiting = BackInStockRequest.objects.waiting()
    pairs = waiting.values_list("channel__stock", "product__sku").distinct().order_by()
    skus_of: dict[int, list[str]] = {}
    for stock_id, sku in sorted(pairs):
        skus_of.setdefault(stock_id, []).append(sku)
    stocks = Stock.objects.in_bulk(list(skus_of))
    return sum(
        _tell(stocks[stock_id], skus, now=now, today=today)
        for stock_id, all_skus in sorted(skus_of.items())
        for skus in (
            all_skus[first : first + PRODUCTS_AT_ONCE]
            for first in range(0, len(all_skus), PRODUCTS_AT_ONCE)
        )
    )


def delete_old(*, now: datetime) -> int:
    """Delete requests whose time is over, and return how many.

    Unconfirmed ones after 2 days, those that were answered after 30, and all others after 180.

    Rule: Back in stock (§18c).
    """
    is_over = (
        Q(confirmed_at=None, asked_at__lt=now - UNCONFIRMED_FOR)
        | Q(told_at__lt=now - TOLD_FOR)
        | Q(told_at=None, asked_at__lt=now - WAITS_FOR)
    )
    count, _of_models = BackInStockRequest.objects.filter(is_over).delete()
    return count


def send_queued(*, now: datetime, connections: int = 1) -> int:
    """Send the e-mails that are due, and return how many; see ``send_due``."""
    links = BackInStockRequest.with_links
    return send_due(BackInStockRequest, now=now, write=links, connections=connections)


def _tell(stock: Stock, skus: Sequence[str], *, now: datetime, today: date) -> int:
    with transaction.atomic():
        _lock("stock", stock.code)
        found = availability_in_stock(stock.code, skus, today=today)
        if found is None:
            return 0
        told = _told(stock, found, today=today)
        requests = [
            request
            for available in found.products.values()
            for request in _next(
                stock, available, _limit(found, available) - told[available.product.product_id]
            )
        ]
        _write(requests, now=now)
        return len(requests)


def _told(stock: Stock, found: StockAvailability, *, today: date) -> Counter[int]:
    """Return how many customers were informed today about each product, by its key."""
    told = BackInStockRequest.objects.filter(
        channel__stock=stock,
        product__in=[available.product.product_id for available in found.products.values()],
        told_at__date=today,
    )
    return Counter(dict(told.values_list("product").annotate(Count("pk")).order_by()))


def _limit(found: StockAvailability, available: Availability) -> int:
    return customers_to_tell(
        available.facts,
        _smallest(available),
        factor=int(str(found.configuration["back_in_stock_factor"])),
        daily=int(str(found.configuration["back_in_stock_daily"])),
    )


def _smallest(available: Availability) -> Decimal:
    """Return the least quantity of a product that can be bought."""
    policy = available.facts.policy
    return smallest_to_buy({name: getattr(policy, name) for name in LIMITING_OPTIONS})


def _next(stock: Stock, available: Availability, count: int) -> Iterable[BackInStockRequest]:
    """Return the requests to answer next for a product, locked, in the order of asking."""
    if count <= 0:
        return ()
    waiting = BackInStockRequest.objects.waiting().filter(
        product=available.product.product_id, channel__stock=stock
    )
    return (
        waiting.select_related("product")
        .select_for_update(of=("self",))
        .order_by("asked_at", "pk")[:count]
    )


def _write(requests: Sequence[BackInStockRequest], *, now: datetime) -> None:
    """Queue the e-mails of requests that are answered now."""
    texts: dict[tuple[int, str, str], tuple[str, str]] = {}
    for request in requests:
        key = (request.product_id, request.language, request.site)
        if key not in texts:
            texts[key] = _text_about_stock(request)
        request.subject, request.body = texts[key]
        request.told_at = request.next_attempt_at = now
        request.state, request.attempt_count, request.last_error = State.QUEUED, 0, ""
        request.claimed_at = request.sent_at = None
    BackInStockRequest.objects.bulk_update(requests, WRITTEN, batch_size=PRODUCTS_AT_ONCE)


def _text_that_asks(request: BackInStockRequest) -> tuple[str, str]:
    with translation.override(request.written_in):
        subject = gettext("Confirm your request: %(product)s")
        return _text(request, subject, ABOUT_CONFIRMING)


def _text_about_stock(request: BackInStockRequest) -> tuple[str, str]:
    with translation.override(request.written_in):
        return _text(request, gettext("Back in stock: %(product)s"), ABOUT_STOCK)


def _text(request: BackInStockRequest, subject: str, template: str) -> tuple[str, str]:
    """Return subject and text in the current language, with links that open nothing."""
    # A header has one line, and so has an item of the text.
    product = " ".join((request.product.name or request.product.sku).split())
    context = {
        "product": product,
        "sku": request.product.sku,
        "days": UNCONFIRMED_FOR.days,
        "confirm": request.address(CONFIRM, is_hidden=True),
        "unsubscribe": request.address(UNSUBSCRIBE, is_hidden=True),
    }
    text = render_to_string(template, context)
    return (subject % {"product": product})[:300], text.strip() + "\n"


def _lock(kind: str, name: str) -> None:
    """Let one transaction at a time decide about an address, or a stock."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"back_in_stock_{kind}", name])
