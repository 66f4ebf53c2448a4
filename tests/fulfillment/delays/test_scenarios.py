"""Forty delays from their first notice to what silence brings, each by literal dates: §18a.

They were worked through against 16 CFR 435.2(b): (1) asks no later than the agreed date, (1)(ii)
is a first delay of at most 30 days, (1)(iii) a longer one or one without a date, (2) a further
one; (c) and 435.1 are the refund within seven working days.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from fulfillment.delays.terms import (
    DelayAnswer,
    LateUnits,
    Outcome,
    Terms,
    answers_open,
    money_back_by,
    outcome_of,
    terms_of,
)

CANCEL = DelayAnswer.CANCEL
A_YEAR = 365


def day(text: str) -> date:
    """Return a day of 2026: ``06-01``."""
    return date.fromisoformat(f"2026-{text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeHistory:
    """Notices as ``told > new date``, and what became of them."""

    notices: str
    agreed: str = "06-01"
    ordinal: int = 1
    is_sent: bool = True
    allows_auto_cancel: bool = True
    answer: DelayAnswer | None = None


def terms(story: NoticeHistory) -> tuple[Terms, date | None]:
    """Return the terms after the last notice, and its new date."""
    former, new_on = None, None
    for notice in story.notices.split(", "):
        told, new = notice.split(" > ")
        new_on = None if new == "none" else day(new)
        delay = LateUnits(
            ordinal=story.ordinal, agreed_on=day(story.agreed), new_on=new_on, told_on=day(told)
        )
        former = terms_of(delay, answer_days=7, former=former)
    assert former is not None
    return former, new_on


def told(story: NoticeHistory) -> str:
    """Return what a request asks, as staff see it."""
    found, _new_on = terms(story)
    mark = ", too late" if found.is_asked_too_late else ""
    return f"{found.silence} {found.answer_by:%m-%d}{mark}"


def end(story: NoticeHistory) -> str:
    """Return what no answer brings, on which day, and by when the money must be back."""
    found, _new_on = terms(story)
    today = day("01-01")
    for _ in range(A_YEAR):
        outcome = outcome_of(
            found,
            today=today,
            is_told=story.is_sent,
            is_canceled_by_silence=story.allows_auto_cancel,
        )
        if outcome is not None:
            money = "" if outcome is Outcome.AGREE else f", {money_back_by(found.answer_by):%m-%d}"
            return f"{outcome} {today:%m-%d}{money}"
        today += timedelta(days=1)
    return "never"


def last_day_to_cancel(story: NoticeHistory) -> str:
    found, new_on = terms(story)
    days = [day("01-01") + timedelta(days=count) for count in range(A_YEAR)]
    is_open = [
        CANCEL in answers_open(found, new_on=new_on, given=story.answer, today=today)
        for today in days
    ]
    if all(is_open):
        return "always"
    if not any(is_open):
        return "never"
    return f"{days[is_open.index(False) - 1]:%m-%d}"


def first(notices: str, **values: object) -> NoticeHistory:
    return NoticeHistory(notices=notices, **values)  # type: ignore[arg-type]


def second(notices: str, **values: object) -> NoticeHistory:
    return NoticeHistory(notices=notices, **{"ordinal": 2, "agreed": "06-20", **values})  # type: ignore[arg-type]


SCENARIOS = {
    # (b)(1)(ii): a first delay of at most 30 days.
    "a day later": (first("05-20 > 06-02"), "AGREES 06-01", "AGREE 06-02", "06-02"),
    "thirty days later": (first("05-20 > 07-01"), "AGREES 06-01", "AGREE 06-02", "07-01"),
    "over the end of February": (
        first("01-20 > 03-02", agreed="01-31"),
        "AGREES 01-31",
        "AGREE 02-01",
        "03-02",
    ),
    "asked on the last day": (first("06-01 > 06-15"), "AGREES 06-01", "AGREE 06-02", "06-15"),
    "short, not sent": (
        first("05-20 > 06-20", is_sent=False),
        "AGREES 06-01",
        "PERSON 06-02, 06-10",
        "06-20",
    ),
    "short, agreed in words": (
        first("05-20 > 06-20", answer=DelayAnswer.WAIT_UNTIL),
        "AGREES 06-01",
        "AGREE 06-02",
        "06-20",
    ),
    "short, canceled": (
        first("05-20 > 06-20", answer=CANCEL),
        "AGREES 06-01",
        "AGREE 06-02",
        "never",
    ),
    "short, asked a day too late": (
        first("06-02 > 06-15"),
        "CANCELS 06-09, too late",
        "CANCEL 06-10, 06-18",
        "06-09",
    ),
    # (b)(1)(iii): a first delay that is longer, or without a date.
    "thirty-one days later": (
        first("05-20 > 07-02"),
        "CANCELS 07-01",
        "CANCEL 07-02, 07-10",
        "07-01",
    ),
    "thirty-one days, over the end of February": (
        first("01-20 > 03-03", agreed="01-31"),
        "CANCELS 03-02",
        "CANCEL 03-03, 03-11",
        "03-02",
    ),
    "no date": (first("05-25 > none"), "CANCELS 07-01", "CANCEL 07-02, 07-10", "07-01"),
    "no date, asked on the last day": (
        first("06-01 > none"),
        "CANCELS 07-01",
        "CANCEL 07-02, 07-10",
        "07-01",
    ),
    "no date, asked a day too late": (
        first("06-02 > none"),
        "CANCELS 07-01, too late",
        "CANCEL 07-02, 07-10",
        "07-01",
    ),
    "long, asked a month too late": (
        first("07-01 > 08-01"),
        "CANCELS 07-01, too late",
        "CANCEL 07-02, 07-10",
        "07-01",
    ),
    "no date, asked after the thirty days": (
        first("07-02 > none"),
        "CANCELS 07-09, too late",
        "CANCEL 07-10, 07-20",
        "07-09",
    ),
    "long, not sent": (
        first("05-20 > 08-01", is_sent=False),
        "CANCELS 07-01",
        "PERSON 07-02, 07-10",
        "07-01",
    ),
    "long, staff decide": (
        first("05-20 > 08-01", allows_auto_cancel=False),
        "CANCELS 07-01",
        "PERSON 07-02, 07-10",
        "07-01",
    ),
    "long, agreed in words": (
        first("05-20 > 08-01", answer=DelayAnswer.WAIT_UNTIL),
        "CANCELS 07-01",
        "CANCEL 07-02, 07-10",
        "07-01",
    ),
    "no date, waits as long as it takes": (
        first("05-25 > none", answer=DelayAnswer.WAIT),
        "CANCELS 07-01",
        "CANCEL 07-02, 07-10",
        "always",
    ),
    "no date, canceled": (
        first("05-25 > none", answer=CANCEL),
        "CANCELS 07-01",
        "CANCEL 07-02, 07-10",
        "never",
    ),
    # (b)(2): a further delay; 20 June is a Saturday.
    "second, a day later": (
        second("06-10 > 06-21"),
        "CANCELS 06-20",
        "CANCEL 06-21, 06-30",
        "06-20",
    ),
    "second, no date": (second("06-10 > none"), "CANCELS 06-20", "CANCEL 06-21, 06-30", "06-20"),
    "second, asked on the last day": (
        second("06-20 > 07-10"),
        "CANCELS 06-20",
        "CANCEL 06-21, 06-30",
        "06-20",
    ),
    "second, asked a day too late": (
        second("06-21 > 07-10"),
        "CANCELS 06-28, too late",
        "CANCEL 06-29, 07-07",
        "06-28",
    ),
    "second, not sent": (
        second("06-10 > 07-10", is_sent=False),
        "CANCELS 06-20",
        "PERSON 06-21, 06-30",
        "06-20",
    ),
    "second, staff decide": (
        second("06-10 > 07-10", allows_auto_cancel=False),
        "CANCELS 06-20",
        "PERSON 06-21, 06-30",
        "06-20",
    ),
    "second, agreed in words": (
        second("06-10 > 07-10", answer=DelayAnswer.WAIT_UNTIL),
        "CANCELS 06-20",
        "CANCEL 06-21, 06-30",
        "06-20",
    ),
    "second, waits as long as it takes": (
        second("06-10 > none", answer=DelayAnswer.WAIT),
        "CANCELS 06-20",
        "CANCEL 06-21, 06-30",
        "always",
    ),
    "third": (
        second("07-01 > 08-01", ordinal=3, agreed="07-10"),
        "CANCELS 07-10",
        "CANCEL 07-11, 07-21",
        "07-10",
    ),
    # A further slip while a request is open.
    "short, then longer": (
        first("05-20 > 06-10, 05-25 > 06-20"),
        "AGREES 06-01",
        "AGREE 06-02",
        "06-20",
    ),
    "short, then long": (
        first("05-20 > 06-10, 05-25 > 08-01"),
        "CANCELS 07-01",
        "CANCEL 07-02, 07-10",
        "07-01",
    ),
    "short, then no date on the last day": (
        first("05-20 > 06-10, 06-01 > none"),
        "CANCELS 07-01",
        "CANCEL 07-02, 07-10",
        "07-01",
    ),
    "long, then short": (
        first("05-20 > 08-01, 05-25 > 06-10"),
        "CANCELS 07-01",
        "CANCEL 07-02, 07-10",
        "07-01",
    ),
    "short, long, then short": (
        first("05-20 > 06-10, 05-22 > 08-01, 05-24 > 06-05"),
        "CANCELS 07-01",
        "CANCEL 07-02, 07-10",
        "07-01",
    ),
    "no date, then one within the thirty days": (
        first("05-20 > none, 06-20 > 06-25"),
        "CANCELS 07-01",
        "CANCEL 07-02, 07-10",
        "07-01",
    ),
    "second, then no date": (
        second("06-10 > 07-01, 06-18 > none"),
        "CANCELS 06-20",
        "CANCEL 06-21, 06-30",
        "06-20",
    ),
    "asked too late, then no date": (
        first("06-02 > 06-15, 06-05 > none"),
        "CANCELS 06-09, too late",
        "CANCEL 06-10, 06-18",
        "06-09",
    ),
    # The e-mail about it was handed over after the last day of an answer.
    "short, the slip sent too late": (
        first("05-20 > 06-10, 06-02 > 06-20"),
        "CANCELS 06-09, too late",
        "CANCEL 06-10, 06-18",
        "06-09",
    ),
    "long, the slip sent too late": (
        first("05-20 > 08-01, 07-02 > 09-01"),
        "CANCELS 07-09, too late",
        "CANCEL 07-10, 07-20",
        "07-09",
    ),
    "asked too late, the slip sent later still": (
        first("06-02 > 06-15, 06-10 > 06-30"),
        "CANCELS 06-17, too late",
        "CANCEL 06-18, 06-26",
        "06-17",
    ),
}


@pytest.mark.parametrize(
    ("story", "asks", "silence_brings", "cancel_until"),
    SCENARIOS.values(),
    ids=SCENARIOS.keys(),
)
def test_a_delay_from_its_notice_to_its_end(
    story: NoticeHistory, asks: str, silence_brings: str, cancel_until: str
) -> None:
    assert told(story) == asks
    assert end(story) == silence_brings
    assert last_day_to_cancel(story) == cancel_until


def test_forty_delays_were_worked_through() -> None:
    assert len(SCENARIOS) == 40
