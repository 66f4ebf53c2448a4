from collections.abc import Mapping
from decimal import Decimal
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fulfillment.sourcing.assignment import LineNeed, assign
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.eligibility import SpareUnits
from tests.examples import examples

EAST, WEST, NORTH = 1, 2, 3
A, B = 10, 11
NO_LIMITS = SplitLimits()


def units(number: Any) -> Decimal:
    return Decimal(number)


def spare(at_source: Any, in_all: dict[Any, Any] | None = None) -> SpareUnits:
    totals: dict[int, Decimal | int] = {}
    for (_, product), quantity in at_source.items():
        totals[product] = totals.get(product, 0) + quantity
    return SpareUnits(
        {key: Decimal(quantity) for key, quantity in at_source.items()},
        {product: Decimal(quantity) for product, quantity in (in_all or totals).items()},
    )


def plain(takes: Mapping[int, Mapping[int, Decimal]]) -> dict[Any, dict[Any, int]]:
    return {
        source: {line: int(quantity) for line, quantity in lines.items()}
        for source, lines in takes.items()
    }


def test_the_first_source_that_covers_everything_serves_the_order() -> None:
    needs = [LineNeed(1, A, units(5)), LineNeed(2, B, units(1))]
    supply = spare({(EAST, A): 9, (WEST, A): 5, (WEST, B): 1, (NORTH, A): 9, (NORTH, B): 9})

    assert plain(assign(needs, supply, [EAST, WEST, NORTH], NO_LIMITS)) == {WEST: {1: 5, 2: 1}}


def test_otherwise_the_source_that_covers_most_goes_first_and_gives_all_it_can() -> None:
    needs = [LineNeed(1, A, units(12))]
    supply = spare({(EAST, A): 3, (WEST, A): 8, (NORTH, A): 3})

    takes = assign(needs, supply, [EAST, WEST, NORTH], NO_LIMITS)

    assert plain(takes) == {WEST: {1: 8}, EAST: {1: 3}, NORTH: {1: 1}}
    assert list(takes) == [WEST, EAST, NORTH]


def test_no_more_is_given_than_is_spare_in_all_lines_in_sequence() -> None:
    needs = [LineNeed(1, A, units(4)), LineNeed(2, A, units(4))]
    supply = spare({(EAST, A): 9}, in_all={A: 6})

    assert plain(assign(needs, supply, [EAST], NO_LIMITS)) == {EAST: {1: 4, 2: 2}}


def test_the_limit_of_sources_ends_the_search() -> None:
    needs = [LineNeed(1, A, units(6)), LineNeed(2, B, units(3))]
    supply = spare({(EAST, A): 4, (WEST, A): 2, (WEST, B): 1})

    assert plain(assign(needs, supply, [EAST, WEST], SplitLimits(sources=1))) == {EAST: {1: 4}}


def test_the_limit_of_sources_for_a_line_leaves_other_lines_alone() -> None:
    needs = [LineNeed(1, A, units(6)), LineNeed(2, B, units(1))]
    supply = spare({(EAST, A): 4, (WEST, A): 2, (WEST, B): 1})

    takes = assign(needs, supply, [EAST, WEST], SplitLimits(sources_per_line=1))

    assert plain(takes) == {EAST: {1: 4}, WEST: {2: 1}}


@examples(150)
@given(
    needs=st.lists(st.tuples(st.sampled_from([A, B]), st.integers(1, 9)), max_size=5),
    held=st.dictionaries(
        st.tuples(st.sampled_from([EAST, WEST, NORTH]), st.sampled_from([A, B])),
        st.integers(0, 9),
    ),
    cap=st.integers(0, 12),
)
def test_nothing_is_given_that_is_not_there_or_was_not_asked_for(
    needs: Any, held: Any, cap: Any
) -> None:
    needs = [
        LineNeed(line, product, Decimal(quantity))
        for line, (product, quantity) in enumerate(needs, start=1)
    ]
    takes = assign(needs, spare(held, in_all={A: cap, B: cap}), [EAST, WEST, NORTH], NO_LIMITS)

    for need in needs:
        parts = [lines[need.line] for lines in takes.values() if need.line in lines]
        assert sum(parts) <= need.quantity
    for product in (A, B):
        lines = {need.line for need in needs if need.product_id == product}
        total = Decimal(0)
        for source, taken in takes.items():
            given_here = sum(quantity for line, quantity in taken.items() if line in lines)
            assert given_here <= held.get((source, product), 0)
            total += given_here
        assert total <= cap


def test_for_a_line_needed_whole_every_choice_within_the_limits_is_tried() -> None:
    needs = [LineNeed(1, A, units(6)), LineNeed(2, B, units(6))]
    supply = spare({(EAST, A): 4, (EAST, B): 4, (WEST, A): 6, (NORTH, B): 6})
    two = SplitLimits(sources=2)

    assert plain(assign(needs, supply, [EAST, WEST, NORTH], two)) == {
        EAST: {1: 4, 2: 4},
        WEST: {1: 2},
    }
    assert plain(assign(needs, supply, [EAST, WEST, NORTH], two, needed_whole={1, 2})) == {
        WEST: {1: 6},
        NORTH: {2: 6},
    }


def test_what_need_not_be_whole_gets_what_the_limits_leave() -> None:
    needs = [LineNeed(1, A, units(6)), LineNeed(2, B, units(9))]
    supply = spare({(EAST, A): 4, (EAST, B): 9, (WEST, A): 1, (NORTH, A): 6, (NORTH, B): 1})
    sources = [EAST, WEST, NORTH]

    assert plain(assign(needs, supply, sources, SplitLimits(1))) == {EAST: {1: 4, 2: 9}}
    assert plain(assign(needs, supply, sources, SplitLimits(1), needed_whole={1})) == {
        NORTH: {1: 6, 2: 1}
    }


LINES = st.lists(st.tuples(st.sampled_from([A, B, 12]), st.integers(1, 9)), min_size=1, max_size=3)
ITEMS = st.tuples(st.integers(1, 5), st.sampled_from([A, B, 12]))


@examples(300)
@given(
    lines=LINES,
    held=st.dictionaries(ITEMS, st.integers(1, 6), max_size=12),
    most=st.sampled_from([None, 1, 2, 3]),
    most_of_line=st.sampled_from([None, 1, 2]),
)
def test_what_any_set_of_sources_covers_is_assigned_whole(
    lines: Any, held: Any, most: Any, most_of_line: Any
) -> None:
    needs = [LineNeed(number, product, units(q)) for number, (product, q) in enumerate(lines)]
    wanted: dict[int, int] = {}
    for product, quantity in lines:
        wanted[product] = wanted.get(product, 0) + quantity

    takes = assign(
        needs,
        spare(held),
        range(1, 6),
        SplitLimits(most, most_of_line),
        needed_whole=range(len(needs)),
    )

    given = sum(sum(taken.values()) for taken in takes.values())
    can_be_had = any(
        all(
            sum(sorted((held.get((s, p), 0) for s in chosen), reverse=True)[:most_of_line])
            >= quantity
            for p, quantity in wanted.items()
        )
        for size in range(1, (most or 5) + 1)
        for chosen in combinations(range(1, 6), size)
    )
    assert len(takes) <= (most or 5)
    assert not can_be_had or given == sum(wanted.values())
