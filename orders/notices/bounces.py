"""E-mails that the mail provider took but could not deliver."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Lower

from orders.models import OrderEmail

State = OrderEmail.State
# How an e-mail names itself in its header, see ``OrderEmail.headers``.
NAMED = re.compile(r"order-email-(\d+)-")
# What may have reached the provider.
HANDED_OVER = (State.SENT, State.SENDING, State.UNKNOWN)
DETAIL_SIZE = 500


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a provider reports of one e-mail that did not arrive.

    ``report_id`` names the report; ``message_id`` names the e-mail, or is the provider's own, or
    empty. ``at`` is when it bounced.
    """

    recipient: str
    report_id: str
    message_id: str
    detail: str
    at: datetime


def record_bounce(bounce: Bounce) -> bool:
    """Note that an e-mail bounced, with all notices that were sent in it; return whether one was.

    It is the e-mail that the report names, else the last one that was sent to the address before
    the bounce. A report that comes again changes nothing, and neither does one about an e-mail that
    nobody knows. One statement finds it, one writes: two reports at once write the same.

    Rule: Notices to customers, bounces (§18).
    """
    to_address = OrderEmail.objects.alias(address=Lower("recipient")).filter(
        address=bounce.recipient.lower()
    )
    if not bounce.report_id or to_address.filter(bounce_id=bounce.report_id).exists():
        return False
    sent = to_address.filter(state__in=HANDED_OVER, collected_in=None, claimed_at__lte=bounce.at)
    named = NAMED.search(bounce.message_id)
    if named:
        sent = sent.filter(pk=int(named[1]))
    email = sent.order_by("-claimed_at", "-pk").first()
    if email is None:
        return False
    together = OrderEmail.objects.filter(
        Q(pk=email.pk) | Q(collected_in=email), state__in=HANDED_OVER, claimed_at=email.claimed_at
    )
    return bool(
        together.update(
            state=State.BOUNCED,
            sent_at=None,
            bounce_id=bounce.report_id,
            last_error=bounce.detail[:DETAIL_SIZE],
        )
    )
