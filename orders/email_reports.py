"""The address to which the mail provider reports e-mails that bounced.

The views of django-anymail read what each provider sends, and check its secret and signature; no
signal is sent.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.signals import EventType
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from orders.notices.bounces import Bounce, record_bounce

PROVIDERS: dict[str, type[AnymailBaseWebhookView]] = {
    "brevo": BrevoTrackingWebhookView,
    "mailgun": MailgunTrackingWebhookView,
    "mailjet": MailjetTrackingWebhookView,
    "postmark": PostmarkTrackingWebhookView,
    "sparkpost": SparkPostTrackingWebhookView,
}
# The e-mail will not arrive. A delivery that is tried again is none of these.
FINAL = (EventType.BOUNCED, EventType.REJECTED, EventType.FAILED)


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def email_reports(request: HttpRequest) -> HttpResponse:
    """Take what the provider reports; it repeats what is not answered with 200.

    403 without the secret or with a wrong signature, 400 for what cannot be read, 404 where no
    provider is set.
    """
    provider = PROVIDERS.get(settings.EMAIL_WEBHOOK_PROVIDER)
    if provider is None:
        raise Http404
    if request.method == "HEAD":
        return HttpResponse()
    view = provider(webhook_secret=settings.EMAIL_WEBHOOK_SECRET, **_signing_key(provider))
    try:
        view.run_validators(request)
    except AnymailWebhookValidationFailure:
        return HttpResponse(status=403)
    try:
        bounces = list(_bounces(view.parse_events(request), now=timezone.now()))
    except (AnymailError, AttributeError, LookupError, TypeError, ValueError):
        return HttpResponse(status=400)
    for bounce in bounces:
        record_bounce(bounce)
    return HttpResponse()


def _signing_key(provider: type[AnymailBaseWebhookView]) -> dict[str, str]:
    if provider is MailgunTrackingWebhookView:
        return {"webhook_signing_key": settings.EMAIL_WEBHOOK_SIGNING_KEY}
    return {}


def _bounces(events: Any, *, now: datetime) -> Iterator[Bounce]:
    for event in events:
        if event.event_type in FINAL and event.recipient:
            message_id = str(event.message_id or "")
            yield Bounce(
                recipient=str(event.recipient),
                report_id=str(event.event_id or message_id),
                message_id=message_id,
                detail=" ".join(str(event.description or event.mta_response or "").split()),
                at=(event.timestamp or now).astimezone(UTC),
            )
