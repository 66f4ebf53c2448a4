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
    told_on: date = date(2026, 5, 20),
) -> LateUnits:
    return LateUnits(ordinal=ordinal, agreed_on=AGREED, new_on=new_on, told_on=told_on)


@given(
    ordinal=st.integers(1, 4),
    told_on=DAYS,
    notices=st.lists(st.tuples(st.none() | DAYS, st.integers(0, 60)), min_size=1, max_size=6),
)
def test_a_slip_never_makes_silence_agree_and_takes_no_day_away(
    ordinal: int, told_on: date, notices: list[tuple[date | None, int]]
) -> None:
    terms: Terms | None = None
    for new_on, days_later in notices:
        told_on += timedelta(days=days_later)
        found = terms_of(delay(ordinal, new_on, told_on), answer_days=7, former=terms)
        if terms is not None:
            assert found.answer_by >= terms.answer_by
            assert not (terms.silence is CANCELS and found.silence is AGREES)
            assert found.is_asked_too_late or not terms.is_asked_too_late
        if found.silence is AGREES:
            assert ordinal == 1
            assert told_on <= AGREED
            assert new_on is not None
            assert (new_on - AGREED).days <= 30
        assert found.is_asked_too_late or terms is not None or told_on <= AGREED
        assert found.answer_by >= told_on
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
    ("silence", "today", "is_told", "is_canceled_by_silence", "expected"),
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
    is_canceled_by_silence: bool,
    expected: Outcome | None,
) -> None:
    found = outcome_of(
        Terms(silence, AGREED),
        today=today,
        is_told=is_told,
        is_canceled_by_silence=is_canceled_by_silence,
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
