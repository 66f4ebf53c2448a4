"""What delay requests ask, by when, and what silence means: §18a by literal dates."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.delays.terms import (
    DelayAnswer,
    LateUnits,
    Outcome,
    SilenceMeaning,
    Terms,
    answers_open,
    is_late,
    is_told_now,
    needs_call,
    outcome_of,
    terms_of,
)
from inventory.options import DelayRule

AGREES, CANCELS = SilenceMeaning.AGREES, SilenceMeaning.CANCELS
AGREED = date(2026, 6, 1)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def delay(
    ordinal: int = 1,
    new_on: date | None = None,
    opened_on: date = date(2026, 5, 20),
    told_on: date | None = None,
) -> LateUnits:
    return LateUnits(
        ordinal=ordinal,
        agreed_on=AGREED,
        new_on=new_on,
        opened_on=opened_on,
        told_on=told_on or opened_on,
    )


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        # First, at most 30 days later: silence agrees, at the agreed date.
        (delay(new_on=date(2026, 6, 2)), Terms(AGREES, date(2026, 6, 1))),
        (delay(new_on=date(2026, 7, 1)), Terms(AGREES, date(2026, 6, 1))),
        # First, more than 30 days later, or no date: silence cancels, 30 days after it.
        (delay(new_on=date(2026, 7, 2)), Terms(CANCELS, date(2026, 7, 1))),
        (delay(new_on=None), Terms(CANCELS, date(2026, 7, 1))),
        # Second and later: silence cancels, at the agreed date, however short the delay is.
        (delay(2, date(2026, 6, 2)), Terms(CANCELS, date(2026, 6, 1))),
        (delay(3, None), Terms(CANCELS, date(2026, 6, 1))),
        # Opened on the last day is in time, the day after is not.
        (
            delay(new_on=date(2026, 6, 9), opened_on=date(2026, 6, 1)),
            Terms(AGREES, date(2026, 6, 1)),
        ),
        (
            delay(new_on=date(2026, 6, 9), opened_on=date(2026, 6, 2)),
            Terms(CANCELS, date(2026, 6, 9), is_asked_too_late=True),
        ),
        (delay(new_on=None, opened_on=date(2026, 6, 20)), Terms(CANCELS, date(2026, 7, 1))),
        (
            delay(new_on=None, opened_on=date(2026, 7, 2)),
            Terms(CANCELS, date(2026, 7, 9), is_asked_too_late=True),
        ),
        # Asked too late, the days count from the notice.
        (
            delay(2, None, opened_on=date(2026, 6, 2), told_on=date(2026, 6, 4)),
            Terms(CANCELS, date(2026, 6, 11), is_asked_too_late=True),
        ),
    ],
)
def test_terms_of_a_new_request(case: LateUnits, expected: Terms) -> None:
    assert terms_of(case, answer_days=7) == expected


@pytest.mark.parametrize(
    ("former", "new_on", "expected"),
    [
        (Terms(AGREES, AGREED), date(2026, 6, 20), Terms(AGREES, AGREED)),
        (Terms(AGREES, AGREED), date(2026, 8, 1), Terms(CANCELS, date(2026, 7, 1))),
        (Terms(AGREES, AGREED), None, Terms(CANCELS, date(2026, 7, 1))),
        # Once silence cancels, an earlier date does not make it agree.
        (
            Terms(CANCELS, date(2026, 7, 1)),
            date(2026, 6, 5),
            Terms(CANCELS, date(2026, 7, 1)),
        ),
        (
            Terms(CANCELS, date(2026, 6, 9), is_asked_too_late=True),
            None,
            Terms(CANCELS, date(2026, 6, 9), is_asked_too_late=True),
        ),
    ],
)
def test_terms_after_a_further_slip(former: Terms, new_on: date | None, expected: Terms) -> None:
    assert terms_of(delay(new_on=new_on), answer_days=7, former=former) == expected


@given(
    ordinal=st.integers(1, 4),
    opened_on=DAYS,
    told_after=st.integers(0, 3),
    dates=st.lists(st.none() | DAYS, min_size=1, max_size=6),
)
def test_a_slip_never_makes_silence_agree_and_takes_no_day_away(
    ordinal: int, opened_on: date, told_after: int, dates: list[date | None]
) -> None:
    told_on = opened_on + timedelta(days=told_after)
    terms: Terms | None = None
    for new_on in dates:
        case = delay(ordinal, new_on, opened_on, told_on)
        found = terms_of(case, answer_days=7, former=terms)
        if terms is not None:
            assert found.answer_by >= terms.answer_by
            assert not (terms.silence is CANCELS and found.silence is AGREES)
        if found.silence is AGREES:
            assert ordinal == 1
            assert opened_on <= AGREED
            assert new_on is not None
            assert (new_on - AGREED).days <= 30
        assert found.answer_by >= opened_on
        terms = found


@pytest.mark.parametrize(
    ("expected_on", "today", "rule", "expected"),
    [
        (date(2026, 6, 2), date(2026, 3, 1), DelayRule.NOTIFY, True),
        (date(2026, 6, 1), date(2026, 6, 9), DelayRule.NOTIFY, False),
        (None, date(2026, 6, 1), DelayRule.NOTIFY, False),
        (None, date(2026, 6, 2), DelayRule.NOTIFY, True),
        (None, date(2026, 5, 24), DelayRule.CONSENT, False),
        (None, date(2026, 5, 25), DelayRule.CONSENT, True),
    ],
)
def test_units_are_late(
    expected_on: date | None, today: date, rule: DelayRule, expected: bool
) -> None:
    found = is_late(agreed_on=AGREED, expected_on=expected_on, today=today, rule=rule, ask_days=7)

    assert found is expected


@pytest.mark.parametrize(
    ("hours", "today", "expected"),
    [
        (23, date(2026, 5, 1), False),
        (24, date(2026, 5, 1), True),
        (0, date(2026, 5, 25), False),
        (0, date(2026, 5, 26), True),
    ],
)
def test_a_later_date_is_told_when_it_stood_a_day_or_few_days_are_left(
    hours: int, today: date, expected: bool
) -> None:
    now = datetime(2026, 5, 20, 12, tzinfo=UTC)

    assert (
        is_told_now(
            later_since=now - timedelta(hours=hours),
            now=now,
            agreed_on=AGREED,
            today=today,
            ask_days=7,
        )
        is expected
    )


@pytest.mark.parametrize(
    ("today", "expected"), [(date(2026, 5, 25), False), (date(2026, 5, 26), True)]
)
def test_a_person_calls_when_few_days_are_left(today: date, expected: bool) -> None:
    assert needs_call(Terms(AGREES, AGREED), today=today, answer_days=7) is expected


@pytest.mark.parametrize(
    ("silence", "today", "is_told", "allows_auto_cancel", "expected"),
    [
        (AGREES, date(2026, 6, 1), True, True, None),
        (AGREES, date(2026, 6, 2), True, True, Outcome.AGREE),
        (AGREES, date(2026, 6, 2), False, True, Outcome.PERSON),
        (CANCELS, date(2026, 6, 1), True, True, None),
        (CANCELS, date(2026, 6, 2), True, True, Outcome.CANCEL),
        (CANCELS, date(2026, 6, 2), True, False, Outcome.PERSON),
        (CANCELS, date(2026, 6, 2), False, True, Outcome.PERSON),
    ],
)
def test_silence_at_the_deadline(
    silence: SilenceMeaning,
    today: date,
    is_told: bool,
    allows_auto_cancel: bool,
    expected: Outcome | None,
) -> None:
    found = outcome_of(
        Terms(silence, AGREED),
        today=today,
        is_told=is_told,
        allows_auto_cancel=allows_auto_cancel,
    )

    assert found is expected


SHORT, LONG = date(2026, 6, 20), date(2026, 8, 1)
UNTIL, WAIT, CANCEL = DelayAnswer.WAIT_UNTIL, DelayAnswer.WAIT, DelayAnswer.CANCEL


@pytest.mark.parametrize(
    ("silence", "answer_by", "new_on", "given_answer", "today", "expected"),
    [
        (AGREES, AGREED, SHORT, None, date(2026, 6, 1), {UNTIL, CANCEL}),
        # Where silence agreed, cancel stays open until the new date.
        (AGREES, AGREED, SHORT, None, date(2026, 6, 2), {CANCEL}),
        (AGREES, AGREED, SHORT, UNTIL, date(2026, 6, 20), {CANCEL}),
        (AGREES, AGREED, SHORT, UNTIL, date(2026, 6, 21), set()),
        (CANCELS, date(2026, 7, 1), LONG, None, date(2026, 7, 1), {UNTIL, CANCEL}),
        (CANCELS, date(2026, 7, 1), LONG, None, date(2026, 7, 2), set()),
        (CANCELS, date(2026, 7, 1), LONG, UNTIL, date(2026, 7, 1), {CANCEL}),
        (CANCELS, date(2026, 7, 1), LONG, UNTIL, date(2026, 7, 2), set()),
        (CANCELS, date(2026, 7, 1), None, None, date(2026, 6, 30), {WAIT, CANCEL}),
        # To wait as long as it takes may be withdrawn until the units leave.
        (CANCELS, date(2026, 7, 1), None, WAIT, date(2026, 12, 1), {CANCEL}),
        (CANCELS, date(2026, 7, 1), None, CANCEL, date(2026, 6, 2), set()),
    ],
)
def test_answers_that_are_open(
    silence: SilenceMeaning,
    answer_by: date,
    new_on: date | None,
    given_answer: DelayAnswer | None,
    today: date,
    expected: set[DelayAnswer],
) -> None:
    terms = Terms(silence, answer_by)

    assert answers_open(terms, new_on=new_on, given=given_answer, today=today) == expected
