"""The judge finds each word that is not kept, and nothing where all are."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.simulation.judge import Judge, StaffView
from tests.simulation.letters import Letter, Units

FIRST = date(2027, 1, 4)
PLEASE = (
    "Some units of your order Y1 are late. Please let us know what to do.\n\n- 2 × Pan (PAN)\n\n"
)
DUE = "They were due by 20 Jan 2027.\n"
SOON = "We now expect to send these units by 10 Feb 2027.\n"
UNKNOWN = "We do not know yet when we can send these units.\n"
AGREES = "If you do not answer by 20 Jan 2027, we understand that you wait.\n"
CANCELS = "If you do not answer by 19 Feb 2027, the delay is not accepted: we cancel these units.\n"
MISSING = "Not all units of your order are available yet.\n"
CANCELED = "These units of your order Y1 were canceled:\n\n- 2 × Pan (PAN)\n\n"
LATE = "They were late, and the delay was not accepted.\n"
BACK = "You will get 20.00 USD back.\n"
PAID_BACK = "We have paid back 20.00 USD for these units of your order Y1:\n\n- 2 × Pan (PAN)\n"
SENT = "These units of your order Y1 have been sent to you:\n\n- 2 × Pan (PAN)\n"
PREPARED = (
    "Your backordered units have arrived. We are preparing these units of your order Y1:\n\n"
    "- 2 × Pan (PAN)\n"
)
LATER = (
    "We now expect to send the backordered units of your order Y1 by 10 Feb 2027.\n\n"
    "- 2 × Pan (PAN)\n"
)
TOO_SOON = "told 2027-02-10 for PAN before it stood for a day"


class JudgedOrder:
    """An order of two pans at 10.00, confirmed for 20 January; supply is announced for that day."""

    def __init__(self, rule: str = "CONSENT", *, auto_cancel: bool = True) -> None:
        self.judge = Judge(rule=rule, auto_cancel=auto_cancel, on_hand={"PAN": 0})
        self.minutes = 0
        self.day(FIRST)
        self.slip(date(2027, 1, 20))
        self.judge.ordered("Y1", {"PAN": 2}, Decimal(10))
        self.read(
            "Thank you for your order Y1.\n\n- 2 × Pan (PAN)\n"
            "    On backorder: 2. We expect to send this by 20 Jan 2027.\n\n"
            "Total: 20.00 USD\n"
        )

    def day(self, day: date) -> None:
        self.judge.today = day

    @property
    def now(self) -> datetime:
        at = datetime.combine(self.judge.today, datetime.min.time(), tzinfo=UTC)
        return at + timedelta(minutes=self.minutes)

    def read(self, text: str, *, minutes: int = 10) -> None:
        self.minutes += minutes
        self.judge.read(Letter(self.now, "y1@example.com", "Your order", text))

    def slip(self, due: date | None = date(2027, 2, 10), quantity: int = 5) -> None:
        self.judge.announced("PO-1", "PAN", quantity, due, self.now)

    def answer(self, given: str, until: date | None = None) -> None:
        self.judge.answered("Y1", [Units("PAN", 2)], until, given)

    def ship(self) -> None:
        self.judge.came("PO-1", 5, is_last=True)
        self.judge.shipped("Y1", {"PAN": 2})

    def end(self, **shown: frozenset[str]) -> list[str]:
        self.judge.end_day(lambda: StaffView(**shown))
        return [fault.partition(": ")[2] for fault in self.judge.faults]


def asked(story: JudgedOrder, words: str = SOON + AGREES) -> None:
    story.day(date(2027, 1, 10))
    story.slip()
    story.read(PLEASE + DUE + words)


def kept_in_time(story: JudgedOrder) -> None:
    story.day(date(2027, 1, 19))
    story.ship()
    story.read(SENT)


def agreed_and_shipped(story: JudgedOrder) -> None:
    asked(story)
    story.answer("WAIT", date(2027, 2, 10))
    story.day(date(2027, 2, 10))
    story.ship()
    story.read(SENT)


def canceled_by_silence(story: JudgedOrder) -> None:
    asked(story, UNKNOWN + CANCELS)
    story.day(date(2027, 2, 20))
    story.read(CANCELED + LATE + BACK + "\n" + PAID_BACK)


def canceled_in_two_answers_after_silence(story: JudgedOrder) -> None:
    asked(story)
    story.day(date(2027, 1, 21))
    story.end()
    for _card in range(2):
        story.judge.answered("Y1", [Units("PAN", 1)], None, "CANCEL")
    story.read(CANCELED + LATE + BACK + "\n" + PAID_BACK)


def silent_and_waiting(story: JudgedOrder) -> None:
    asked(story)
    story.day(date(2027, 2, 9))


def supplied_for_fewer(story: JudgedOrder) -> None:
    story.day(date(2027, 1, 10))
    story.slip(quantity=1)
    story.read(PLEASE + DUE + UNKNOWN + MISSING + CANCELS)


@pytest.mark.parametrize(
    "tell",
    [
        kept_in_time,
        agreed_and_shipped,
        canceled_by_silence,
        canceled_in_two_answers_after_silence,
        silent_and_waiting,
        supplied_for_fewer,
    ],
)
def test_a_kept_word_is_no_fault(tell: Callable[[JudgedOrder], None]) -> None:
    story = JudgedOrder()
    tell(story)

    assert story.end() == []


def an_invented_date(story: JudgedOrder) -> None:
    story.slip(None)
    story.read(PLEASE + DUE + SOON + AGREES)


def more_units_than_come(story: JudgedOrder) -> None:
    story.slip(quantity=1)
    story.read(PLEASE + DUE + SOON + AGREES)


def another_agreed_date(story: JudgedOrder) -> None:
    story.slip()
    story.read(PLEASE + DUE.replace("20 Jan", "21 Jan") + SOON + AGREES)


def a_deadline_that_passed(story: JudgedOrder) -> None:
    asked(story, SOON + AGREES.replace("20 Jan", "9 Jan"))


def silence_that_agrees_without_a_date(story: JudgedOrder) -> None:
    asked(story, UNKNOWN + AGREES)


def silence_that_agrees_again(story: JudgedOrder) -> None:
    asked(story, UNKNOWN + CANCELS)
    story.read(PLEASE + DUE + SOON + AGREES)


def missing_units_that_have_come(story: JudgedOrder) -> None:
    story.judge.came("PO-1", 2, is_last=True)
    asked(story, UNKNOWN + MISSING + CANCELS)


def nobody_asked(story: JudgedOrder) -> None:
    story.day(date(2027, 1, 21))


def asked_a_day_late(story: JudgedOrder) -> None:
    story.day(date(2027, 1, 21))
    story.slip()
    story.read(PLEASE + DUE + SOON + CANCELS)


def nobody_acts(story: JudgedOrder) -> None:
    asked(story, UNKNOWN + CANCELS)
    story.judge.today = date(2027, 1, 20)
    story.end()
    story.day(date(2027, 2, 20))


def canceled_in_spite_of_an_agreement(story: JudgedOrder) -> None:
    asked(story, SOON + AGREES)
    story.answer("WAIT", date(2027, 2, 10))
    story.day(date(2027, 1, 21))
    story.read(CANCELED + LATE + BACK + PAID_BACK)


def canceled_before_the_deadline(story: JudgedOrder) -> None:
    asked(story, UNKNOWN + CANCELS)
    story.read(CANCELED + LATE + BACK + PAID_BACK)


def canceled_for_no_reason(story: JudgedOrder) -> None:
    story.read(CANCELED + BACK + PAID_BACK)


def canceled_and_not_paid_back(story: JudgedOrder) -> None:
    asked(story, UNKNOWN + CANCELS)
    story.answer("CANCEL")
    story.read(CANCELED + LATE + BACK)


def sent_what_did_not_leave(story: JudgedOrder) -> None:
    story.read(SENT)


def left_in_silence(story: JudgedOrder) -> None:
    story.ship()


def prepared_what_did_not_come(story: JudgedOrder) -> None:
    story.read(PREPARED)


def two_e_mails_for_one_event(story: JudgedOrder) -> None:
    asked(story)
    story.read(PLEASE + DUE + SOON + AGREES)


def two_e_mails_at_once(story: JudgedOrder) -> None:
    story.judge.came("PO-1", 5, is_last=True)
    story.read(PREPARED, minutes=4)


def told_unasked(story: JudgedOrder) -> None:
    story.slip()
    story.read(LATER)


@pytest.mark.parametrize(
    ("tell", "expected"),
    [
        (an_invented_date, "told 2027-02-10 for 2 × PAN; 0 are known of"),
        (more_units_than_come, "told 2027-02-10 for 2 × PAN; 1 are known of"),
        (another_agreed_date, "asked as if PAN was due on 2027-01-21, not 2027-01-20"),
        (a_deadline_that_passed, "asked for an answer by 2027-01-09, which is past"),
        (silence_that_agrees_without_a_date, "silence agrees to a long or further delay of PAN"),
        (silence_that_agrees_again, "silence on PAN agrees after it canceled"),
        (missing_units_that_have_come, "all units of the order have come"),
        (nobody_asked, "not asked by 2027-01-20 about PAN, and not marked"),
        (asked_a_day_late, "not asked by 2027-01-20 about PAN, and not marked"),
        (nobody_acts, "the deadline about PAN passed, and nobody acts"),
        (canceled_in_spite_of_an_agreement, "PAN was canceled, and the customer had agreed"),
        (canceled_before_the_deadline, "PAN was canceled before the deadline"),
        (canceled_for_no_reason, "PAN was canceled, and nobody asked for it"),
        (canceled_and_not_paid_back, "0 was paid back for 2 canceled units at 10"),
        (sent_what_did_not_leave, "no parcel has {'PAN': 2}"),
        (left_in_silence, "a parcel left, and nothing was said"),
        (prepared_what_did_not_come, "2 × PAN have not come"),
        (two_e_mails_for_one_event, "“Your order” came twice"),
        (two_e_mails_at_once, "“Your order” came soon after another e-mail"),
        (told_unasked, "told of a delay of PAN under CONSENT"),
    ],
)
def test_a_broken_word_is_found(tell: Callable[[JudgedOrder], None], expected: str) -> None:
    story = JudgedOrder()
    tell(story)

    assert story.end() == [expected]


def test_staff_who_see_it_have_time() -> None:
    story = JudgedOrder(auto_cancel=False)
    asked_a_day_late(story)
    story.judge.faults.clear()

    assert story.end(asked_too_late=frozenset({"Y1"})) == []


def test_a_date_does_not_pass_in_silence_under_notify() -> None:
    story = JudgedOrder("NOTIFY")
    story.day(date(2027, 1, 21))
    assert story.end() == []

    story.day(date(2027, 1, 22))
    assert story.end() == ["2027-01-20 passed for PAN, and nothing was said"]


@pytest.mark.parametrize(
    ("slips_on", "told_on", "expected"),
    [
        (date(2027, 1, 5), date(2027, 1, 5), [TOO_SOON]),
        (date(2027, 1, 5), date(2027, 1, 6), []),
        # Fewer than seven days are left.
        (date(2027, 1, 14), date(2027, 1, 14), []),
        (date(2027, 1, 13), date(2027, 1, 13), [TOO_SOON]),
    ],
)
def test_a_later_date_is_told_when_it_stood_for_a_day(
    slips_on: date, told_on: date, expected: list[str]
) -> None:
    story = JudgedOrder("NOTIFY")
    story.day(slips_on)
    story.slip()
    story.day(told_on)
    story.read(LATER)

    assert story.end() == expected
