"""What happens in a shop: who orders what, when supply is announced, slips, comes or never comes.

Values alone, by the seed: the same seed is the same year. Days are numbers from 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

SKUS = tuple(f"SKU-{number}" for number in range(1, 11))
SOURCES = ("main", "south")
# On hand on the first day, of each product at each source.
OPENING = 2
PRICE = 10
# So many of the supplies that come in time come in two deliveries; of those who agree, cancel.
PARTLY = 0.25
REGRETTING = 0.2
# Of so many supplies one, if it comes in time, is first said to come later, and again in time on
# the same day.
TAKEN_BACK = 3


class Temper(StrEnum):
    """What a customer answers to a delay."""

    AGREES = "AGREES"
    CANCELS = "CANCELS"
    SILENT = "SILENT"


class News(StrEnum):
    """What becomes of supply that was announced."""

    MOVED = "MOVED"
    CAME = "CAME"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """An order of ``units`` by SKU. The customer answers a question ``answer_days`` after it.

    Who ``regrets`` cancels the day after an agreement, where that can be done.
    """

    number: str
    day: int
    units: Mapping[str, int]
    temper: Temper
    answer_days: int
    regrets: bool


@dataclass(frozen=True, slots=True)
class SupplyNews:
    """On ``day`` supply comes, is canceled, or moves to ``due``: None where no date is known.

    ``is_half``: one half comes, and the rest later, or never where this is the last.
    """

    day: int
    kind: News
    due: int | None = None
    is_half: bool = False
    is_last: bool = True


@dataclass(frozen=True, slots=True)
class PlannedSupply:
    """Units announced on ``day`` for ``due``, and what becomes of them; without news, nothing."""

    reference: str
    day: int
    sku: str
    source: str
    quantity: int
    due: int
    news: Sequence[SupplyNews]


@dataclass(frozen=True, slots=True)
class Plan:
    days: int
    orders: Sequence[PlannedOrder]
    supplies: Sequence[PlannedSupply]


def planned(*, seed: int, days: int, orders: int, supplies: int) -> Plan:
    """Return what happens in ``days`` days.

    A third of the supplies slip: of these a third twice, and a third never come. A third of the
    customers agree to a delay, a third cancel, a third are silent.
    """
    random = Random(seed)  # noqa: S311 - a story, no secret
    skus = SKUS[: max(2, supplies // 4)]
    placed = _orders(random, days, orders, skus)
    wanted = {sku: sum(order.units.get(sku, 0) for order in placed) for sku in skus}
    return Plan(days, placed, _supplies(random, days, supplies, wanted))


def _orders(random: Random, days: int, count: int, skus: Sequence[str]) -> Sequence[PlannedOrder]:
    tempers = [list(Temper)[number % 3] for number in range(count)]
    random.shuffle(tempers)
    when = sorted(random.randrange(max(1, days - 20)) for _ in range(count))
    return [
        PlannedOrder(
            number=f"Y{number:04}",
            day=day,
            units={
                sku: random.choice((1, 1, 1, 2, 2, 3, 5))
                for sku in random.sample(skus, random.choice((1, 1, 1, 2)))
            },
            temper=temper,
            answer_days=random.choice((0, 0, 1, 2, 3, 6, 12)),
            regrets=random.random() < REGRETTING,
        )
        for number, (day, temper) in enumerate(zip(when, tempers, strict=True), 1)
    ]


def _supplies(
    random: Random, days: int, count: int, wanted: Mapping[str, int]
) -> Sequence[PlannedSupply]:
    skus = list(wanted)
    slipping = count // 3
    fates = [_twice, _never, _once] * (slipping // 3 + 1)
    fates = [*fates[:slipping], *[_punctual] * (count - slipping)]
    random.shuffle(fates)
    rounds = -(-count // len(skus))
    found = []
    for number, fate in enumerate(fates):
        sku = skus[number % len(skus)]
        period = days // rounds
        due = period * (number // len(skus)) + random.randrange(14, max(15, period))
        found.append(
            PlannedSupply(
                reference=f"PO-{number + 1}",
                day=max(0, due - random.randint(12, 50)),
                sku=sku,
                source=random.choice(SOURCES),
                quantity=max(1, -(-wanted[sku] // rounds)),
                due=due,
                news=[*_taken_back(number, fate, due), *fate(random, due)],
            )
        )
    return sorted(found, key=lambda one: (one.day, one.reference))


def _taken_back(number: int, fate: object, due: int) -> Sequence[SupplyNews]:
    """Return a later day that is named, and taken back, on a day when many are left."""
    if fate is not _punctual or number % TAKEN_BACK:
        return []
    heard = due - 11
    return [SupplyNews(heard, News.MOVED, due + 9), SupplyNews(heard, News.MOVED, due)]


def _punctual(random: Random, due: int) -> Sequence[SupplyNews]:
    came = SupplyNews(due - random.choice((0, 0, 1, 3)), News.CAME)
    if random.random() < PARTLY:
        half = SupplyNews(came.day - 2, News.CAME, is_half=True, is_last=False)
        return [half, SupplyNews(came.day, News.CAME, is_half=True)]
    return [came]


def _once(random: Random, due: int) -> Sequence[SupplyNews]:
    heard = due + random.choice((-10, -3, -1, 0, 2))
    later = max(due, heard) + random.choice((3, 10, 25, 45))
    return [SupplyNews(heard, News.MOVED, later), SupplyNews(later, News.CAME)]


def _twice(random: Random, due: int) -> Sequence[SupplyNews]:
    first, came = _once(random, due)
    again = came.day + random.choice((-2, 0, 1))
    later = max(came.day, again) + random.choice((4, 20, 40))
    unknown = SupplyNews(again, News.MOVED, random.choice((later, None)))
    return [first, unknown, SupplyNews(later, News.CAME)]


def _never(random: Random, due: int) -> Sequence[SupplyNews]:
    heard = due + random.choice((-8, -1, 0, 12))
    canceled = SupplyNews(heard, News.CANCELED)
    short = SupplyNews(heard, News.CAME, is_half=True)
    return random.choice(([canceled], [short], []))
