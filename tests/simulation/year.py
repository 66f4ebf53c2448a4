"""A year of a shop, day by day, before its judge."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from tests.simulation.books import wrong_sums
from tests.simulation.judge import Judge
from tests.simulation.letters import Button, Letter, PageCard, shown_units, waited_until
from tests.simulation.plan import (
    OPENING,
    PRICE,
    SKUS,
    SOURCES,
    News,
    Plan,
    PlannedOrder,
    PlannedSupply,
    SupplyNews,
    Temper,
)
from tests.simulation.shop import FIRST_DAY, ZONE, SimulatedShop, letters

# What people do, and when the jobs come after it. The jobs of the night come after midnight: first
# dates are renewed, then customers are asked. A pass more brings the e-mails that were collected.
MORNING, AFTERNOON, END = time(9), time(16), time(23, 50)
# What stands above the answer to all questions of an order.
AT_ONCE = "One answer for all of these units"
OF_THE_NIGHT = (time(0, 20), time(0, 34), time(0, 44))
OF_THE_MORNING = (time(9, 34), time(9, 44))
OF_THE_AFTERNOON = (time(16, 34), time(16, 44))


class Year:
    def __init__(self, plan: Plan, *, rule: str, auto_cancel: bool, mode: str = "FULL") -> None:
        self.plan = plan
        self.shop = SimulatedShop(rule=rule, auto_cancel=auto_cancel, mode=mode)
        on_hand = dict.fromkeys(SKUS, OPENING * len(SOURCES))
        self.judge = Judge(rule=rule, auto_cancel=auto_cancel, on_hand=on_hand)
        self.orders = {order.number: order for order in plan.orders}
        # The last e-mail of each customer, and the days on which they answer.
        self.last: dict[str, Letter] = {}
        self.answers: list[tuple[date, str]] = []
        self.agreed: set[str] = set()

    def live(self, *, patience: int = 1) -> list[str]:
        """Live through the days until ``patience`` faults are found; return them, without any none.

        What follows a fault may be its effect.
        """
        wrong: list[str] = []
        with self.shop.clock.running():
            for number in range(self.plan.days):
                self.judge.today = FIRST_DAY + timedelta(days=number)
                self._night()
                self._morning(number)
                self._afternoon()
                self.judge.end_day(self.shop.shown_to_staff)
                wrong += [*self.judge.faults, *wrong_sums(self.judge)]
                self.judge.faults.clear()
                if len(wrong) >= patience:
                    break
        return wrong

    def _night(self) -> None:
        self._run_jobs(OF_THE_NIGHT)

    def _morning(self, number: int) -> None:
        self._move_to(MORNING)
        self._hear_suppliers(number)
        self.shop.clock.work()
        for order in self.plan.orders:
            if order.day == number:
                self.judge.ordered(order.number, order.units, Decimal(PRICE))
                self.shop.order(order.number, order.units)
                self.shop.clock.work()
                self._deliver()
        self._run_jobs(OF_THE_MORNING)

    def _afternoon(self) -> None:
        self._move_to(AFTERNOON)
        self._answer()
        for order, units in self.shop.ship():
            self.judge.shipped(order, units)
        self.shop.clock.work()
        self._call_customers()
        self._run_jobs(OF_THE_AFTERNOON)
        self.shop.clock.end_day(self._moment(END))

    def _hear_suppliers(self, number: int) -> None:
        for supply in self.plan.supplies:
            if supply.day == number:
                due = _day(supply.due)
                self._announce(supply, due)
                self.shop.announce(supply, due)
            for news in supply.news:
                if news.day != number:
                    continue
                match news.kind:
                    case News.MOVED:
                        moved = None if news.due is None else _day(news.due)
                        self._announce(supply, moved)
                        self.shop.move(supply, moved)
                        self.shop.clock.work()
                    case News.CAME:
                        self._receive(supply, news)
                    case News.CANCELED:
                        self.judge.withdrawn(supply.reference)
                        self.shop.cancel(supply)

    def _announce(self, supply: PlannedSupply, due: date | None) -> None:
        at = self.shop.clock.now
        self.judge.announced(supply.reference, supply.sku, supply.quantity, due, at)

    def _receive(self, supply: PlannedSupply, news: SupplyNews) -> None:
        coming = self.judge.coming[supply.reference].quantity
        quantity = -(-coming // 2) if news.is_half else coming
        is_last = news.is_last or quantity == coming
        self.judge.came(supply.reference, quantity, is_last=is_last)
        self.shop.receive(supply, quantity, is_last=is_last)

    def _answer(self) -> None:
        """Customers whose day it is open the last link that they got, and click."""
        today = self.judge.today
        due = [number for day, number in self.answers if day <= today]
        self.answers = [(day, number) for day, number in self.answers if day > today]
        for number in due:
            self._click_answers(self.orders[number])

    def _click_answers(self, order: PlannedOrder) -> None:
        link = self.last[order.number].link
        is_regret = order.number in self.agreed
        for card in self.shop.open_page(link).cards:
            if AT_ONCE in card.text:
                # These customers answer about each card; what they answered is not asked again.
                continue
            waits = [one for one in card.buttons if one.label.startswith("Wait")]
            cancels = [one for one in card.buttons if "request" in one.sends and one not in waits]
            if waits and order.temper is Temper.AGREES:
                self._click(order, card, link, waits[0])
                self.agreed.add(order.number)
                if order.regrets:
                    self.answers.append((_after(self.judge.today, 1), order.number))
            elif cancels and (order.temper is Temper.CANCELS or (is_regret and order.regrets)):
                _status, page = self.shop.click(link, cancels[0].sends)
                self._click(order, card, link, page.cards[-1].buttons[0])

    def _click(self, order: PlannedOrder, card: PageCard, link: str, button: Button) -> None:
        """Answer about the units of a card; what the page shows can be clicked."""
        status, _page = self.shop.click(link, button.sends)
        assert status == 200, (order.number, button)
        given = "WAIT" if button.label.startswith("Wait") else "CANCEL"
        self.judge.answered(order.number, shown_units(card), waited_until(button), given)

    def _call_customers(self) -> None:
        """Staff call those about whose units they decide: every second one waits."""
        for request, given in self.shop.decide(lambda number: int(number[1:]) % 2 == 0):
            page = self.shop.open_page(self.last[request.order.number].link)
            for card in page.cards:
                if any(one.sends.get("request") == str(request.pk) for one in card.buttons):
                    waits = "CANCEL" if given == "CANCEL" else "WAIT"
                    self.judge.answered(
                        request.order.number, shown_units(card), request.new_on, waits
                    )

    def _run_jobs(self, times: Sequence[time]) -> None:
        for at in times:
            self._move_to(at)
            self.shop.clock.run_due()
            self._deliver()

    def _deliver(self) -> None:
        """Bring the e-mails to their customers, who read them at once."""
        for letter in letters(self.shop.clock.now):
            self.judge.read(letter)
            number = letter.to.split("@", 1)[0].upper()
            self.last[number] = letter
            order = self.orders[number]
            asks = any(notice.kind == "ASKED" for notice in letter.notices)
            if asks and order.temper is not Temper.SILENT:
                self.answers.append((_after(self.judge.today, order.answer_days), number))

    def _move_to(self, at: time) -> None:
        self.shop.clock.move_to(self._moment(at))

    def _moment(self, at: time) -> datetime:
        return datetime.combine(self.judge.today, at, tzinfo=ZONE).astimezone(UTC)


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def _after(day: date, days: int) -> date:
    return day + timedelta(days=days)
