"""The planner's laws, and its equality with the reference, on many small random worlds."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from core.quantities import UNIT
from fulfillment.release.planning.values import (
    Decision,
    QueuedShipment,
    ReleaseSettings,
    SourceFacts,
)
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.needs import Need
from inventory.options import ReleaseMode
from tests.examples import examples
from tests.fulfillment.release.reference import pool_of, reference_plan
from tests.fulfillment.release.worlds import (
    KTP,
    KTP2,
    KTP3,
    STOCK,
    TODAY,
    A,
    B,
    C,
    ReleasePlan,
    plan_release,
    settings,
    shipment,
    supply,
)

PRODUCTS = st.sampled_from([KTP, KTP2, KTP3])
UNITS = st.integers(1, 6)
# Of a unit; where decimals are not used, nobody has one.
FRACTIONS = st.sampled_from([0, 0, 0, 3000, 5000, 7000])
MANY = examples(200)
THOUSANDS = examples(2000)
# On the equator, so that the nearest is plain to see; nobody knows where C is.
SOURCES = {
    A: SourceFacts(A, "a", is_enabled=True, ships_to_home=True, latitude=0.0, longitude=10.0),
    B: SourceFacts(B, "b", is_enabled=True, ships_to_home=True, latitude=0.0, longitude=40.0),
    C: SourceFacts(C, "c", is_enabled=True, ships_to_home=False),
}
OTHER_STOCK = STOCK + 1
LINKS = {STOCK: (A, B, C), OTHER_STOCK: (C, B)}


@st.composite
def shipments(draw: DrawFn, number: int) -> Any:
    is_future = draw(st.integers(0, 5)) == 0
    needs = tuple(
        Need(
            number * 100 + sequence,
            sequence,
            draw(PRODUCTS),
            draw(UNITS) * UNIT + draw(FRACTIONS),
            is_reserving=is_future or draw(st.integers(0, 5)) > 0,
        )
        for sequence in range(1, draw(st.integers(1, 3)) + 1)
    )
    return replace(
        shipment(number, {}),
        needs=needs,
        is_future=is_future,
        source_id=A if is_future else None,
        received={needs[0].product_id: UNIT} if is_future else {},
        priority=draw(st.integers(0, 1)),
        age_days=draw(st.integers(12, 16)),
        pickup_source_id=draw(st.sampled_from([None, None, None, A, C])),
        barred=draw(st.sampled_from([frozenset(), frozenset(), frozenset({(A, KTP)})])),
        stock_id=draw(st.sampled_from([STOCK, STOCK, OTHER_STOCK])),
        destination=draw(st.sampled_from([None, (0.0, 12.0), (0.0, 39.0)])),
    )


@st.composite
def worlds(draw: DrawFn) -> tuple[list[Any], Any, ReleaseSettings]:
    queue = [draw(shipments(number)) for number in range(1, draw(st.integers(1, 6)) + 1)]
    held = draw(st.dictionaries(st.tuples(st.sampled_from([A, B, C]), PRODUCTS), UNITS, max_size=8))
    current = [
        (*item, units, draw(st.integers(0, 1)), draw(st.integers(0, 4)) > 0)
        for item, units in held.items()
    ]
    day = st.one_of(st.none(), st.sampled_from([-1, 0, 3, 30, 31]))
    rows = st.tuples(st.sampled_from([A, B, C]), PRODUCTS, UNITS, day)
    future = [
        (
            number,
            source,
            product,
            units,
            None if days is None else TODAY + timedelta(days=days),
        )
        for number, (source, product, units, days) in enumerate(
            draw(st.lists(rows, max_size=5)), start=1
        )
    ]
    waiting = draw(st.sampled_from([frozenset(), frozenset({(A, KTP)})]))
    rules = settings(
        mode=draw(st.sampled_from(["FULL", "BY_LINE", "BY_QUANTITY"])),
        policy=draw(st.sampled_from(["SKIP_OVER", "STRICT", "AGEING"])),
        max_sources_per_release=draw(st.sampled_from([None, None, 1, 2])),
        max_sources_per_line=draw(st.sampled_from([None, None, 1])),
        algorithm=draw(st.sampled_from(["PRIORITY", "DISTANCE"])),
    )
    there = supply(current, future, sources=SOURCES)
    pairs = st.tuples(st.sampled_from([A, B, C]), PRODUCTS)
    decimals = draw(st.frozensets(pairs))
    items = tuple(
        replace(item, unallocated=item.unallocated + draw(FRACTIONS))
        if (item.source_id, item.product_id) in decimals
        else item
        for item in there.items
    )
    use_decimals = draw(st.frozensets(PRODUCTS))
    # Before its release date nothing of a product goes; on the day, all of it may.
    releases = st.sampled_from([None, None, None, TODAY, TODAY + timedelta(days=1)])
    products = {
        product: replace(facts, uses_decimals=product in use_decimals, release_on=draw(releases))
        for product, facts in there.products.items()
    }
    there = replace(there, items=items, with_decimals=decimals, products=products)
    return queue, replace(there, links=LINKS, pickup_waiting=waiting), rules


def released(plan: ReleasePlan) -> dict[int, Any]:
    return {
        decision.shipment.id: frozenset(
            (line, source, record, units)
            for (line, source, record), units in _takes(decision).items()
        )
        for decision in plan.decisions
    }


def _takes(decision: Decision) -> Any:
    takes = Counter[tuple[int, int, int | None]]()
    for child in decision.children:
        for part in child.parts:
            takes[part.line_id, part.source_id, part.future_id] += part.units
    return takes


@THOUSANDS
@given(worlds())
def test_the_reference_plans_the_same(world: Any) -> None:
    queue, units, rules = world

    assert released(plan_release(queue, units, rules, TODAY)) == reference_plan(
        queue, units, rules, TODAY
    )


@MANY
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_in_which_rows_arrive_does_not_matter(world: Any, random: Any) -> None:
    queue, units, rules = world
    items, future, mixed = list(units.items), list(units.future), list(queue)
    for rows in (items, future, mixed):
        random.shuffle(rows)
    mixed = [
        replace(each, needs=tuple(random.sample(each.needs, len(each.needs)))) for each in mixed
    ]
    shuffled = replace(units, items=tuple(items), future=tuple(future))

    assert plan_release(mixed, shuffled, rules, TODAY) == plan_release(queue, units, rules, TODAY)


@MANY
@given(worlds())
def test_no_supply_is_given_away_twice(world: Any) -> None:
    queue, units, rules = world
    given_away = Counter[Any]()

    for decision in plan_release(queue, units, rules, TODAY).decisions:
        own = Counter(decision.shipment.received)
        for child in decision.children:
            for part in child.parts:
                is_own = decision.shipment.source_id == part.source_id
                already = min(own[part.product_id], part.units) if is_own else 0
                own[part.product_id] -= already
                key = part.expected_on, part.source_id, part.product_id, part.future_id
                given_away[key] += part.units - already

    pool = pool_of(units, rules, TODAY)
    assert all(pool[key] >= taken for key, taken in given_away.items())


@MANY
@given(worlds())
def test_a_shipment_never_leaves_with_more_than_it_asks_for(world: Any) -> None:
    queue, units, rules = world

    for decision in plan_release(queue, units, rules, TODAY).decisions:
        lines = [need for need in decision.shipment.needs if need.is_reserving]
        left = Counter({need.line_id: need.units for need in lines})
        for (line, _, _), taken in _takes(decision).items():
            left[line] -= taken
        assert min(left.values(), default=0) >= 0
        # One whose lines take no units is released wherever it may leave from at all.
        if lines:
            assert decision.is_complete == (max(left.values()) == 0)


@MANY
@given(worlds())
def test_full_mode_releases_all_or_nothing(world: Any) -> None:
    queue, units, rules = world

    for decision in plan_release(queue, units, replace(rules, mode="FULL"), TODAY).decisions:
        assert decision.is_complete == bool(decision.children)


@MANY
@given(worlds(), UNITS, st.sampled_from([A, B, C]), PRODUCTS)
def test_more_stock_never_makes_the_first_in_the_queue_wait(
    world: Any, more: Any, source: Any, product: Any
) -> None:
    queue, units, rules = world
    rules = replace(rules, limits=SplitLimits())
    first = plan_release(queue, units, rules, TODAY).decisions[0]
    item = replace(supply([(source, product, more)]).items[0], item_id=99)
    known = {(i.source_id, i.product_id) for i in units.items}
    items = tuple(
        replace(i, unallocated=i.unallocated + more * UNIT)
        if (i.source_id, i.product_id) == (source, product)
        else i
        for i in units.items
    )
    items += () if (source, product) in known else (item,)

    again = plan_release(queue, replace(units, items=items), rules, TODAY).decisions[0]

    assert again.is_complete >= first.is_complete


OWN_MODES = st.sampled_from([ReleaseMode.BY_LINE, ReleaseMode.BY_QUANTITY])


@MANY
@given(worlds(), OWN_MODES, st.integers(0, 5))
def test_shipping_what_is_there_of_one_takes_nothing_from_those_before_it(
    world: Any, mode: ReleaseMode, position: int
) -> None:
    queue, units, rules = world
    in_order = sorted(queue, key=QueuedShipment.queue_key)
    chosen = in_order[position % len(in_order)]
    asked = [replace(one, own_mode=mode) if one is chosen else one for one in queue]

    before = plan_release(queue, units, rules, TODAY)
    after = plan_release(asked, units, rules, TODAY)

    rank = in_order.index(chosen)
    assert released(after).keys() == released(before).keys()
    for earlier in in_order[:rank]:
        assert released(after)[earlier.id] == released(before)[earlier.id]
    own = after.decisions[rank]
    assert all(part.future_id is None for child in own.children for part in child.parts)
    if chosen.is_future:
        assert own.children == ()


@MANY
@given(worlds(), OWN_MODES)
def test_what_is_there_is_what_a_site_in_that_mode_gives_without_dated_supply(
    world: Any, mode: ReleaseMode
) -> None:
    """The first in the queue, by its own mode, gets what a run in that mode would give it."""
    queue, units, rules = world
    first = min(queue, key=QueuedShipment.queue_key)
    if first.is_future:
        return
    own = plan_release([replace(first, own_mode=mode)], units, rules, TODAY)
    same = plan_release([first], replace(units, future=()), replace(rules, mode=mode), TODAY)

    assert released(own) == released(same)
