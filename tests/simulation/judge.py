"""Holds a shop to its word: knows what customers read, answered and got, and what suppliers said.

It knows neither the program nor its tables. What it finds wrong is a line of :attr:`Judge.faults`,
which names the day, the order and the e-mail.

Rules: §18, §18a, and what must show of them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.simulation.letters import Letter, LetterNotice, Question, Units

USUAL = timedelta(days=30)
SHORT = timedelta(days=30)
RETELL = timedelta(days=30)
# A later date stands for a day before it is told, unless fewer days than these are left.
SETTLED = timedelta(days=1)
ASK = timedelta(days=7)
# What comes within these minutes is one e-mail.
COLLECTED = timedelta(minutes=5)
# A job acts in the night after a day.
TOMORROW = timedelta(days=1)


@dataclass(slots=True)
class CustomerQuestion:
    """A question as its customer read it last; ``first_on`` is when it was asked first."""

    question: Question
    first_on: date


@dataclass(slots=True)
class Unit:
    """One unit of an order: what its customer agreed to and was told, and how it ended."""

    sku: str
    due: date
    told: date | None = None
    told_on: date | None = None
    asked: CustomerQuestion | None = None
    # How many questions there were about it, all of them.
    question_count: int = 0
    was_promised: bool = False
    waits: bool = False
    answer: str = ""
    end: str = ""
    ended_on: date | None = None


@dataclass(slots=True)
class Buyer:
    """An order as its customer knows it."""

    number: str
    price: Decimal
    units: list[Unit]
    placed_on: date
    is_confirmed: bool = False
    refunded: Decimal = Decimal(0)
    parcels: list[Counter[str]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)


@dataclass(slots=True)
class AnnouncedSupply:
    """Supply as the supplier announced it last; ``since`` is when this day was named."""

    sku: str
    quantity: int
    due: date | None
    since: datetime


@dataclass(frozen=True, slots=True)
class StaffView:
    """What staff are shown about an order: that it was asked too late, that a person decides."""

    asked_too_late: frozenset[str] = frozenset()
    needs_person: frozenset[str] = frozenset()


class Judge:
    """``rule`` is OFF, NOTIFY or CONSENT; ``auto_cancel`` whether silence can cancel."""

    def __init__(self, *, rule: str, auto_cancel: bool, on_hand: Mapping[str, int]) -> None:
        self.rule, self.auto_cancel = rule, auto_cancel
        self.buyers: dict[str, Buyer] = {}
        self.coming: dict[str, AnnouncedSupply] = {}
        self.on_hand: Counter[str] = Counter(on_hand)
        self.today = date.min
        # When the e-mail that is being read came.
        self.now = datetime.min.replace(tzinfo=UTC)
        self.faults: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.tally: Counter[str] = Counter()
        self._found: set[tuple[str, str]] = set()

    # What the world says.

    def ordered(self, number: str, units: Mapping[str, int], price: Decimal) -> None:
        """A customer has ordered and paid."""
        due = self.today + USUAL
        bought = [Unit(sku, due) for sku, count in units.items() for _ in range(count)]
        self.buyers[number] = Buyer(number, price, bought, self.today)

    def announced(
        self, reference: str, sku: str, quantity: int, due: date | None, at: datetime
    ) -> None:
        """A supplier names a date, or another one."""
        self.coming[reference] = AnnouncedSupply(sku, quantity, due, at)

    def withdrawn(self, reference: str) -> None:
        """A supplier sends nothing (more)."""
        self.coming.pop(reference)

    def came(self, reference: str, quantity: int, *, is_last: bool) -> None:
        """Units have come; after the last of them no more of this supply does."""
        supply = self.coming[reference]
        self.on_hand[supply.sku] += quantity
        supply.quantity -= quantity
        if is_last:
            del self.coming[reference]

    def shipped(self, number: str, units: Mapping[str, int]) -> None:
        """A parcel has left."""
        buyer = self.buyers[number]
        buyer.parcels.append(Counter(units))
        for sku, count in units.items():
            self.on_hand[sku] -= count
            if self.on_hand[sku] < 0:
                self._fault(number, f"shipped {sku} that had not come")
            # What was there at once leaves first, then what was told for the next date.
            for unit in self._take(
                buyer, sku, count, lambda one: (one.told_on is not None, one.told or date.max)
            ):
                unit.end, unit.ended_on = "SHIPPED", self.today
                self._count_kept(unit)

    def answered(self, number: str, units: Sequence[Units], until: date | None, what: str) -> None:
        """A customer has answered: WAIT (``until`` a day, or as long as it takes) or CANCEL."""
        buyer = self.buyers[number]
        for part in units:
            asked = self._take(
                buyer,
                part.sku,
                part.quantity,
                lambda one: (one.asked is None, one.answer == what, one.answer != ""),
            )
            for unit in asked:
                unit.answer = what
                if what == "WAIT" and until is None:
                    unit.waits = True
                elif what == "WAIT" and until is not None:
                    unit.due = until
        self.tally[f"answer {what}"] += 1

    def read(self, letter: Letter) -> None:
        """A customer reads an e-mail: each sentence must be true now."""
        notices = letter.notices
        if not notices:
            self._fault(letter.to, f"nothing is said in “{letter.subject}”")
        for number in {notice.order: notice for notice in notices}:
            if number in self.buyers:
                self._once(self.buyers[number], letter)
        self.tally["e-mails"] += 1
        self.now = letter.at
        for notice in notices:
            self.kinds[notice.kind] += 1
            buyer = self.buyers.get(notice.order)
            if buyer is None:
                self._fault(notice.order, f"no such order in “{letter.subject}”")
                continue
            getattr(self, f"_{notice.kind.lower()}")(buyer, notice)

    # What each notice says.

    def _confirmed(self, buyer: Buyer, notice: LetterNotice) -> None:
        if buyer.is_confirmed:
            self._fault(buyer.number, "confirmed twice")
        buyer.is_confirmed = True
        for part in notice.units:
            if part.quantity != sum(unit.sku == part.sku for unit in buyer.units):
                self._fault(buyer.number, f"confirms {part.quantity} × {part.sku}, not ordered so")
            waiting = self._take(buyer, part.sku, part.backordered, lambda one: one.due)
            self._is_backed(buyer, part.sku, part.backordered, part.expected_on)
            for unit in waiting:
                self._tell(unit, part.expected_on)
                unit.was_promised = True
                if part.expected_on is not None:
                    unit.due = part.expected_on
        total = buyer.price * len(buyer.units)
        if notice.amount != total:
            self._fault(buyer.number, f"confirms a total of {notice.amount}, which is {total}")

    def _dated(self, buyer: Buyer, notice: LetterNotice) -> None:
        for part in notice.units:
            self._is_backed(buyer, part.sku, part.quantity, notice.day)
            units = self._take(
                buyer,
                part.sku,
                part.quantity,
                self._dated_by(buyer, notice),
            )
            if any(unit.told == notice.day for unit in units):
                self._fault(buyer.number, f"told {notice.day} for {part.sku} again")
            for unit in units:
                self._may_tell_of_delay(buyer, unit, notice.day)
                if self._is_too_soon(buyer, unit, notice):
                    self._fault(
                        buyer.number, f"told {notice.day} for {unit.sku} before it stood for a day"
                    )
                if self._is_first_date(buyer, unit) and notice.day is not None:
                    unit.due = notice.day
                self._tell(unit, notice.day)

    def _undated(self, buyer: Buyer, notice: LetterNotice) -> None:
        for part in notice.units:
            units = self._take(
                buyer,
                part.sku,
                part.quantity,
                lambda one: (one.told is None, one.told_on or date.min),
            )
            for unit in units:
                self._may_tell_of_delay(buyer, unit, None)
                if (
                    unit.told is None
                    and unit.told_on is not None
                    and unit.told_on > self.today - RETELL
                ):
                    self._fault(
                        buyer.number, f"told on {unit.told_on} already that {part.sku} has no date"
                    )
                self._tell(unit, None)

    def _may_tell_of_delay(self, buyer: Buyer, unit: Unit, day: date | None) -> None:
        """Only under NOTIFY, and to who waits as long as it takes, a delay is told unasked."""
        is_delay = day is None or day > unit.due
        if is_delay and self.rule != "NOTIFY" and not unit.waits:
            self._fault(buyer.number, f"told of a delay of {unit.sku} under {self.rule}")

    def _dated_by(self, buyer: Buyer, notice: LetterNotice) -> Callable[[Unit], object]:
        """Return what tells the units that get a date from others: longest without news first."""
        return lambda one: (
            one.told == notice.day,
            self._is_too_soon(buyer, one, notice),
            one.due,
            one.told_on or date.min,
        )

    def _is_too_soon(self, buyer: Buyer, unit: Unit, notice: LetterNotice) -> bool:
        """Return whether a delay is told before it stood for a day, and not few days are left.

        The date is of the supply of one of the products in the notice.
        """
        day = notice.day
        is_informed = self.rule == "NOTIFY" or unit.waits
        is_passed = unit.told is not None and unit.told < self.today
        if day is None or not is_informed or is_passed or self._is_first_date(buyer, unit):
            return False
        is_delay = day > unit.due and (unit.told is None or day > unit.told)
        if not is_delay or unit.due - self.today < ASK:
            return False
        skus = {part.sku for part in notice.units}
        named = [one.since for one in self.coming.values() if one.due == day and one.sku in skus]
        return bool(named) and min(named) > self.now - SETTLED

    def _is_first_date(self, buyer: Buyer, unit: Unit) -> bool:
        """Return whether a date completes a confirmation that named none, while it may."""
        usual = buyer.placed_on + USUAL
        is_undated = unit.told is None and unit.was_promised and unit.question_count == 0
        return is_undated and unit.due == usual and self.today <= usual

    def _asked(self, buyer: Buyer, notice: LetterNotice) -> None:
        if self.rule != "CONSENT":
            self._fault(buyer.number, "asked about a delay")
        for question in notice.questions:
            if question.says_some_are_missing and self._have_all_come(buyer):
                self._fault(buyer.number, "all units of the order have come")
            for part in question.units:
                self._is_backed(buyer, part.sku, part.quantity, question.new_on)
                units = self._take(
                    buyer,
                    part.sku,
                    part.quantity,
                    _asked_by(question),
                )
                for unit in units:
                    self._ask(buyer, unit, question)

    def _ask(self, buyer: Buyer, unit: Unit, question: Question) -> None:
        if unit.due != question.due:
            self._fault(
                buyer.number, f"asked as if {unit.sku} was due on {question.due}, not {unit.due}"
            )
        if unit.waits:
            self._fault(buyer.number, f"asked about {unit.sku}, for which the customer waits")
        if question.answer_by < self.today:
            self._fault(buyer.number, f"asked for an answer by {question.answer_by}, which is past")
        before = None if unit.asked is None or unit.answer else unit.asked
        if before is None:
            unit.question_count += 1
        self._check_terms(buyer, unit, question, before)
        first_on = self.today if before is None else before.first_on
        unit.asked, unit.answer = CustomerQuestion(question, first_on), ""
        self._tell(unit, question.new_on)

    def _check_terms(
        self, buyer: Buyer, unit: Unit, question: Question, before: CustomerQuestion | None
    ) -> None:
        """Silence agrees to a first short delay alone, never after it would have canceled."""
        is_short = question.new_on is not None and question.new_on <= question.due + SHORT
        if question.meaning == "AGREES":
            if unit.question_count > 1 or not is_short:
                self._fault(
                    buyer.number, f"silence agrees to a long or further delay of {unit.sku}"
                )
            if before is not None and before.question.meaning != "AGREES":
                self._fault(buyer.number, f"silence on {unit.sku} agrees after it canceled")
        elif question.meaning == "CANCELS" and not self.auto_cancel:
            self._fault(buyer.number, f"silence cancels {unit.sku}, and nobody does so")

    def _prepared(self, buyer: Buyer, notice: LetterNotice) -> None:
        for part in notice.units:
            if self.on_hand[part.sku] < part.quantity:
                self._fault(buyer.number, f"{part.quantity} × {part.sku} have not come")
            self._take(buyer, part.sku, part.quantity, lambda one: one.due)

    def _sent(self, buyer: Buyer, notice: LetterNotice) -> None:
        parcel = Counter({part.sku: part.quantity for part in notice.units})
        if parcel not in buyer.parcels:
            self._fault(buyer.number, f"no parcel has {dict(parcel)}")
            return
        buyer.parcels.remove(parcel)

    def _canceled(self, buyer: Buyer, notice: LetterNotice) -> None:
        count = 0
        for part in notice.units:
            count += part.quantity
            units = self._take(
                buyer,
                part.sku,
                part.quantity,
                lambda one: (one.answer != "CANCEL", one.asked is None, one.answer != "", one.due),
            )
            for unit in units:
                self._check_cancel(buyer, unit, notice)
                unit.end, unit.ended_on = "CANCELED", self.today
        # A letter says once that money was paid back; the end of the day counts it.
        if not notice.is_paid_back and notice.amount != buyer.price * count:
            self._fault(
                buyer.number, f"{notice.amount} comes back for {count} units at {buyer.price}"
            )

    def _check_cancel(self, buyer: Buyer, unit: Unit, notice: LetterNotice) -> None:
        if unit.answer == "CANCEL":
            self.tally["canceled by answer"] += 1
            return
        if not notice.is_for_delay:
            self._fault(buyer.number, f"{unit.sku} was canceled, and nobody asked for it")
            return
        self.tally["canceled by silence"] += 1
        if unit.answer == "WAIT" or unit.waits:
            self._fault(buyer.number, f"{unit.sku} was canceled, and the customer had agreed")
        elif unit.asked is None:
            self._fault(buyer.number, f"{unit.sku} was canceled, and the customer was not asked")
        elif unit.asked.question.meaning != "CANCELS":
            self._fault(buyer.number, f"{unit.sku} was canceled, and silence agreed")
        elif self.today <= unit.asked.question.answer_by:
            self._fault(buyer.number, f"{unit.sku} was canceled before the deadline")

    def _refunded(self, buyer: Buyer, notice: LetterNotice) -> None:
        buyer.refunded += notice.amount or Decimal(0)

    # At the end of a day.

    def end_day(self, shown: Callable[[], StaffView]) -> None:
        """Everything that must have been done and told by now; ``shown`` reads the staff's list."""
        for buyer in self.buyers.values():
            self._check_money(buyer)
            if not buyer.is_confirmed and self.today > buyer.placed_on:
                self._fault(buyer.number, "not confirmed")
        if self.rule == "NOTIFY":
            self._check_silent_dates()
        if self.rule == "CONSENT":
            self._check_questions(shown)

    def _check_money(self, buyer: Buyer) -> None:
        canceled = sum(unit.end == "CANCELED" for unit in buyer.units)
        if buyer.refunded != buyer.price * canceled:
            self._fault(
                buyer.number,
                f"{buyer.refunded} was paid back for {canceled} canceled units at {buyer.price}",
            )
        if buyer.parcels and any(parcel.total() for parcel in buyer.parcels):
            self._fault(buyer.number, "a parcel left, and nothing was said")
            buyer.parcels.clear()

    def _check_silent_dates(self) -> None:
        """No date passes in silence."""
        for buyer, unit in self._open_units():
            if unit.told is not None and unit.told < self.today - TOMORROW:
                self._fault(
                    buyer.number, f"{unit.told} passed for {unit.sku}, and nothing was said"
                )
                unit.told = None

    def _check_questions(self, shown: Callable[[], StaffView]) -> None:
        opened = list(self._open_units())
        overdue = [(buyer, unit) for buyer, unit in opened if self._is_overdue(unit)]
        late = [(buyer, unit) for buyer, unit in opened if self._is_asked_too_late(unit)]
        if not late and not overdue:
            return
        facts = shown()
        for buyer, unit in late:
            if buyer.number not in facts.asked_too_late:
                self._fault(
                    buyer.number, f"not asked by {unit.due} about {unit.sku}, and not marked"
                )
        for buyer, unit in overdue:
            if buyer.number not in facts.needs_person:
                self._fault(buyer.number, f"the deadline about {unit.sku} passed, and nobody acts")

    def _is_overdue(self, unit: Unit) -> bool:
        """Return whether a deadline passed; silence that agrees moves the agreed date."""
        if unit.asked is None or unit.answer or self.today <= unit.asked.question.answer_by:
            return False
        question = unit.asked.question
        if question.meaning == "AGREES" and question.new_on is not None:
            unit.due, unit.answer = question.new_on, "SILENCE"
            self.tally["agreed by silence"] += 1
            return False
        return True

    def _is_asked_too_late(self, unit: Unit) -> bool:
        if unit.waits or self.today <= unit.due:
            return False
        return unit.asked is None or unit.answer != "" or unit.asked.first_on > unit.due

    def _open_units(self) -> Iterator[tuple[Buyer, Unit]]:
        for buyer in self.buyers.values():
            for unit in buyer.units:
                if not unit.end:
                    yield buyer, unit

    # Beneath.

    def _tell(self, unit: Unit, day: date | None) -> None:
        unit.told, unit.told_on = day, self.today

    def _count_kept(self, unit: Unit) -> None:
        if unit.told_on is None:
            self.tally["shipped at once"] += 1
        elif self.today <= unit.due:
            self.tally["shipped as agreed"] += 1
        else:
            self.tally["shipped later than agreed"] += 1

    def _is_backed(self, buyer: Buyer, sku: str, count: int, day: date | None) -> None:
        """A date is named only where as many units are here, or announced for that day."""
        if day is None:
            return
        known = self.on_hand[sku] + self._known_units(sku, day)
        if known < count:
            self._fault(buyer.number, f"told {day} for {count} × {sku}; {known} are known of")
        if day < self.today:
            self._fault(buyer.number, f"told {day}, which is past, for {sku}")

    def _have_all_come(self, buyer: Buyer) -> bool:
        """Return whether units are here for an order, and for everybody who waits for the same."""
        opened = Counter(unit.sku for _buyer, unit in self._open_units())
        own = {unit.sku for unit in buyer.units if not unit.end}
        return all(self.on_hand[sku] >= opened[sku] for sku in own)

    def _known_units(self, sku: str, last: date = date.max) -> int:
        """Return how many units suppliers have announced for a day up to ``last``."""
        return sum(
            supply.quantity
            for supply in self.coming.values()
            if supply.sku == sku and supply.due is not None and self.today <= supply.due <= last
        )

    def _once(self, buyer: Buyer, letter: Letter) -> None:
        """Nobody gets two e-mails for one event."""
        same = [one for one in buyer.letters if one.text == letter.text]
        if any(letter.at - one.at < RETELL for one in same):
            self._fault(buyer.number, f"“{letter.subject}” came twice")
        if buyer.letters and letter.at - buyer.letters[-1].at < COLLECTED:
            self._fault(buyer.number, f"“{letter.subject}” came soon after another e-mail")
        buyer.letters.append(letter)

    def _take(
        self, buyer: Buyer, sku: str, count: int, first: Callable[[Unit], object]
    ) -> Sequence[Unit]:
        """Return as many open units of an order, the best of them first by ``first``."""
        found = [unit for unit in buyer.units if unit.sku == sku and not unit.end]
        if len(found) < count:
            self._fault(buyer.number, f"{count} × {sku} are spoken of; {len(found)} are open")
        return sorted(found, key=first)[:count]  # type: ignore[arg-type]

    def _fault(self, number: str, words: str) -> None:
        # What is wrong for days is one fault.
        if (number, words) not in self._found:
            self._found.add((number, words))
            self.faults.append(f"{self.today} {number}: {words}")


def _asked_by(question: Question) -> Callable[[Unit], object]:
    """Return what tells the units that a question is about from others."""
    return lambda one: (one.due != question.due, one.answer != "", one.told or date.max)
