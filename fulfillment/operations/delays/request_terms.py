"""The terms that a delay request has: what silence means, the last day of an answer."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F

from fulfillment.delays.terms import LateUnits, SilenceMeaning, Terms, terms_of
from fulfillment.models import DelayRequest, ShipmentLine
from fulfillment.operations.delays.late_units import DelayRules
from fulfillment.operations.shipments.delay_ends import close_requests
from fulfillment.queries.delay_requests import emails_sent_about


def terms_in(request: DelayRequest) -> Terms:
    """Return the terms that a request has now."""
    return Terms(SilenceMeaning(request.silence), request.answer_by, request.is_asked_too_late)


def set_terms(
    request: DelayRequest, new_on: date | None, rules: DelayRules, *, told_on: date
) -> None:
    """Save a request with its new date, and the terms of a notice that is sent on ``told_on``.

    What no e-mail said yet binds nobody. Whether silence cancels, or staff decide, stays as the
    first one says it.

    Rule: Delays, what silence means (§18a).
    """
    is_told = request.pk is not None and emails_sent_about(request).exists()
    former = terms_in(request) if is_told else None
    delay = LateUnits(
        ordinal=request.ordinal,
        agreed_on=request.agreed_on,
        new_on=new_on,
        told_on=told_on,
    )
    request.new_on = new_on
    terms = terms_of(delay, answer_days=rules.answer_days, former=former)
    request.silence, request.answer_by = terms.silence.value, terms.answer_by
    request.is_asked_too_late = terms.is_asked_too_late
    if former is None:
        request.is_canceled_by_silence = rules.allows_auto_cancel
    request.save()


def lapse(request: DelayRequest, *, now: datetime) -> None:
    """Close a request whose units come in time after all; they are promised what was told last.

    One of which no e-mail was sent is as if it had never been: the next is the first again. Runs in
    the caller's transaction, which has locked order and shipments.
    """
    close_requests([request], DelayRequest.State.LAPSED, now=now)
    lines = ShipmentLine.objects.filter(delay_request=request, quantity__gt=0)
    if told := _last_told(request):
        lines.update(promised_on=told["new_on"])
        return
    lines.filter(agreed_on=None).update(promised_on=None, promise_told_at=None)
    lines.exclude(agreed_on=None).update(promised_on=F("agreed_on"))
    if request.ordinal == 1:
        lines.update(delay_request=None)


def _last_told(request: DelayRequest) -> Mapping[str, Any] | None:
    email = emails_sent_about(request).last()
    if email is None:
        return None
    asked: Sequence[Mapping[str, Any]] = email.context["delays"]
    return next(one for one in asked if one["request"] == request.pk)
