"""The terms that a delay request has: what silence means, the last day of an answer."""

from datetime import date

from fulfillment.delays.terms import LateUnits, SilenceMeaning, Terms, terms_of
from fulfillment.models import DelayRequest
from fulfillment.operations.delays.late_units import DelayRules


def terms_in(request: DelayRequest) -> Terms:
    """Return the terms that a request has now."""
    return Terms(SilenceMeaning(request.silence), request.answer_by, request.is_asked_too_late)


def put_terms(
    request: DelayRequest, rules: DelayRules, *, told_on: date, former: Terms | None
) -> None:
    """Give a request the terms of a notice that is sent on ``told_on``; the caller saves it.

    ``former`` are those of the notice before it, if any was sent.

    Rule: Delays, what silence means (§18a).
    """
    delay = LateUnits(
        ordinal=request.ordinal,
        agreed_on=request.agreed_on,
        new_on=request.new_on,
        told_on=told_on,
    )
    terms = terms_of(delay, answer_days=rules.answer_days, former=former)
    request.silence, request.answer_by = terms.silence.value, terms.answer_by
    request.is_asked_too_late = terms.is_asked_too_late
    request.is_canceled_by_silence = rules.allows_auto_cancel
