"""The terms of a delay request: what it asks, by when, what silence means; PURE.

A delay is later than what the customer agreed to. Deadlines are days of the site: a day passes at
its end. Rule: Delays, §18a; it follows 16 CFR 435.2 as we understand it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from inventory.options import DelayRule

# The longest first delay to which silence agrees.
SHORT_DELAY = timedelta(days=30)
# A later date has to stand this long before it is told.
SETTLED = timedelta(days=1)
# A prompt refund, 16 CFR 435.1.
WORKING_DAYS = 7
SATURDAY = 5


class SilenceMeaning(StrEnum):
    """What it means when the customer does not answer."""

    AGREES = "AGREES"
    CANCELS = "CANCELS"


class DelayAnswer(StrEnum):
    """What a customer can answer."""

    WAIT_UNTIL = "WAIT_UNTIL"
    WAIT = "WAIT"
    CANCEL = "CANCEL"


class Outcome(StrEnum):
    """What a passed deadline brings."""

    AGREE = "AGREE"
    CANCEL = "CANCEL"
    PERSON = "PERSON"


@dataclass(frozen=True, slots=True)
class Terms:
    """What silence means, and the last day of an answer."""

    silence: SilenceMeaning
    answer_by: date
    is_asked_too_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LateUnits:
    """One delay of units: the ``ordinal`` counts the requests of these units, from 1.

    ``new_on`` is the new date, none where nobody knows one. ``told_on`` is the day on which the
    notice about it is handed to the mail server.
    """

    ordinal: int
    agreed_on: date
    new_on: date | None
    told_on: date


def is_late(
    *, agreed_on: date, expected_on: date | None, today: date, rule: DelayRule, ask_days: int
) -> bool:
    """Return whether units that did not leave yet are delayed.

    They are where they are expected after the agreed date; where nothing known covers them (no
    expected date), when that date passes, under CONSENT ``ask_days`` before it.
    """
    if expected_on is not None:
        return expected_on > agreed_on
    ahead = ask_days if rule is DelayRule.CONSENT else -1
    return today >= agreed_on - timedelta(days=ahead)


def is_told_now(
    *, later_since: datetime, now: datetime, agreed_on: date, today: date, ask_days: int
) -> bool:
    """Return whether a delay is told now: it stood for a day, or few days are left."""
    return now - later_since >= SETTLED or agreed_on - today < timedelta(days=ask_days)


def terms_of(delay: LateUnits, *, answer_days: int, former: Terms | None = None) -> Terms:
    """Return the terms of a notice; ``former`` are those of the notice before it, if any was sent.

    A slip never turns silence that cancels into silence that agrees, and takes no day of an answer
    away. A first notice after the agreed date asks too late, and so does every notice after the
    last day of an answer: that day is then ``answer_days`` after it. A request that was asked too
    late stays so.

    Rule: Delays, what silence means.
    """
    if former and former.is_asked_too_late:
        silence, answer_by = former.silence, former.answer_by
    else:
        silence, answer_by = _in_time(delay, former)
    is_after_deadline = delay.told_on > answer_by
    if is_after_deadline:
        answer_by = delay.told_on + timedelta(days=answer_days)
    is_late = former.is_asked_too_late if former else delay.told_on > delay.agreed_on
    if is_late or is_after_deadline:
        return Terms(SilenceMeaning.CANCELS, answer_by, is_asked_too_late=True)
    return Terms(silence, answer_by)


def _in_time(delay: LateUnits, former: Terms | None) -> tuple[SilenceMeaning, date]:
    """Return what silence means, and the last day of an answer, of a notice that is in time."""
    if delay.ordinal > 1:
        return SilenceMeaning.CANCELS, delay.agreed_on
    month_after = delay.agreed_on + SHORT_DELAY
    is_short = delay.new_on is not None and delay.new_on <= month_after
    if is_short and (former is None or former.silence is SilenceMeaning.AGREES):
        return SilenceMeaning.AGREES, delay.agreed_on
    return SilenceMeaning.CANCELS, month_after


def outcome_of(
    terms: Terms, *, today: date, is_told: bool, is_canceled_by_silence: bool
) -> Outcome | None:
    """Return what silence brings today; none while the deadline has not passed.

    Where the notice did not reach the mail server (``is_told``), silence never agrees nor cancels:
    a person decides.
    """
    if today <= terms.answer_by:
        return None
    if not is_told:
        return Outcome.PERSON
    if terms.silence is SilenceMeaning.AGREES:
        return Outcome.AGREE
    return Outcome.CANCEL if is_canceled_by_silence else Outcome.PERSON


def money_back_by(deadline: date) -> date:
    """Return the last day on which the money is back in time: seven working days later."""
    day, left = deadline, WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return day


def answers_open(
    terms: Terms, *, new_on: date | None, given: DelayAnswer | None, today: date
) -> frozenset[DelayAnswer]:
    """Return what a customer can still answer about units that did not leave.

    ``given`` is the answer so far. Cancel is final. Until the deadline wait may become cancel.
    Where silence agrees, cancel stays open until the new date. *Wait as long as it takes* may be
    withdrawn until the units leave.
    """
    if given is DelayAnswer.CANCEL:
        return frozenset()
    if given is DelayAnswer.WAIT:
        return frozenset({DelayAnswer.CANCEL})
    last_day = terms.answer_by
    if new_on is not None and terms.silence is SilenceMeaning.AGREES:
        last_day = max(last_day, new_on)
    found = set()
    if today <= last_day:
        found.add(DelayAnswer.CANCEL)
    if given is None and today <= terms.answer_by:
        found.add(DelayAnswer.WAIT if new_on is None else DelayAnswer.WAIT_UNTIL)
    return frozenset(found)
