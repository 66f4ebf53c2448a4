"""The links by which customers open the page of their order, without an account.

A link names the order and the time of its making, and is signed together with the e-mail address
that it was made for: it ends when the order has another address. A key in
``SECRET_KEY_FALLBACKS`` still opens what it signed.
"""

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer, b62_decode, b62_encode
from django.urls import reverse

from inventory.models import InventoryConfiguration
from inventory.resolution import resolve
from orders.models import Order

SALT = "orders.order_links"
TOKEN = re.compile(r"([0-9A-Za-z]{1,10})\.([0-9A-Za-z]{1,8})\.[0-9A-Za-z_-]{43}")
# Stands in the texts that are kept, where the e-mail has the token of its recipient.
HIDDEN = "link"


def order_token(order_id: int, *, email: str, now: datetime) -> str:
    """Return the token by which the owner of ``email`` opens an order."""
    issued = b62_encode(int(now.timestamp()))
    return _signer(email).sign(f"{b62_encode(order_id)}.{issued}")


def linked_order(token: str, *, now: datetime) -> Order | None:
    """Return the order that a token opens; None if it was changed, has expired or has ended.

    Rule: Order status page (§18b).
    """
    parts = TOKEN.fullmatch(token)
    if parts is None:
        return None
    order = Order.objects.filter(pk=b62_decode(parts[1])).order_by("pk").first()
    if order is None:
        return None
    try:
        _signer(order.customer_email).unsign(token)
    except BadSignature:
        return None
    issued_at = datetime.fromtimestamp(b62_decode(parts[2]), UTC)
    configuration = InventoryConfiguration.load().overrides()
    days = resolve("order_link_days", configuration=configuration).value
    return None if now - issued_at > timedelta(days=days) else order


def order_address(token: str) -> str:
    """Return the address of the page that a token opens; empty if the site has no ``SITE_URL``."""
    page = reverse("order_status", args=[token])
    return f"{settings.SITE_URL}{page}" if settings.SITE_URL else ""


def kept_address() -> str:
    """Return what stands for the address in a text that is kept; it opens nothing."""
    return order_address(HIDDEN)


def with_link(text: str, order_id: int, *, email: str, now: datetime) -> str:
    """Return a kept text as it is sent: its link opens the order."""
    hidden = kept_address()
    if not hidden or hidden not in text:
        return text
    return text.replace(hidden, order_address(order_token(order_id, email=email, now=now)))


def _signer(email: str) -> Signer:
    return Signer(salt=f"{SALT}:{email}", sep=".")
