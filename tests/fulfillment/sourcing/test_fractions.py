"""Lines with a fraction, where some source items of the product hold whole units only."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quantities import format_quantity
from fulfillment.sourcing.assignment import LineNeed, assign, assign_in_order
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.eligibility import SpareUnits, all_of
from fulfillment.sourcing.needs import Coverage, LinePart, SupplyOrigin
from tests.examples import examples

EAST, WEST, NORTH = 1, 2, 3
A = 10
NO_LIMITS = SplitLimits()


def spare(at_source: Any, with_decimals: Any = (EAST,)) -> SpareUnits:
    available = {(source, A): Decimal(units) for source, units in at_source.items()}
    return all_of(available, {(source, A) for source in with_decimals})


def needs(*quantities: Any) -> list[LineNeed]:
    return [
        LineNeed(line, A, Decimal(quantity)) for line, quantity in enumerate(quantities, start=1)
    ]


def plain(takes: Mapping[int, Mapping[int, Decimal]]) -> dict[Any, dict[Any, str]]:
    return {
        source: {line: format_quantity(units) for line, units in lines.items()}
        for source, lines in takes.items()
    }


def taken(
    quantities: list[str], at_source: dict[Any, Any], limits: SplitLimits = NO_LIMITS
) -> dict[Any, dict[Any, str]]:
    return plain(assign(needs(*quantities), spare(at_source), [EAST, WEST, NORTH], limits))


def test_a_fraction_comes_from_the_source_item_that_uses_decimals() -> None:
    assert taken(["2.5"], {EAST: "0.5", WEST: 9}) == {WEST: {1: "2"}, EAST: {1: "0.5"}}


def test_a_source_item_of_whole_units_gives_no_fraction() -> None:
    assert taken(["2.5"], {WEST: 9}) == {WEST: {1: "2"}}
    assert taken(["0.5"], {WEST: 9, EAST: "0.4"}) == {EAST: {1: "0.4"}}


def test_the_source_that_gave_last_gets_its_fraction_back_first() -> None:
    with_decimals = (EAST, NORTH)
    at_source = {EAST: "1.4", NORTH: "1.05", WEST: 1}

    found = assign(needs("2.5"), spare(at_source, with_decimals), [EAST, WEST, NORTH], NO_LIMITS)

    assert plain(found) == {EAST: {1: "1.4"}, NORTH: {1: "0.1"}, WEST: {1: "1"}}


def test_a_source_that_got_all_its_units_back_counts_no_more() -> None:
    coverage, origin = Coverage(), SupplyOrigin(NORTH)
    for part in (LinePart(1, A, 4000, NORTH), LinePart(1, A, 2000, NORTH), LinePart(2, A, 1, EAST)):
        coverage.add(part)

    half = coverage.lower(1, origin, 3000)
    assert [part.units for part in half] == [2000, 1000]
    assert coverage.given == {NORTH: {1: 3000}, EAST: {2: 1}}

    coverage.lower(1, origin, 3000)
    assert (coverage.given, coverage.sources_of(1)) == ({EAST: {2: 1}}, [])
    assert coverage.parts == [LinePart(2, A, 1, EAST)]


def test_a_whole_unit_is_exchanged_for_fractions_that_were_given_first() -> None:
    assert taken(["2.5"], {EAST: "2.3", WEST: 1}) == {EAST: {1: "1.5"}, WEST: {1: "1"}}


def test_another_line_exchanges_a_whole_unit_where_the_line_has_too_few() -> None:
    assert taken(["1.5", "1.5"], {EAST: "1.6", WEST: 1, NORTH: 1}) == {
        EAST: {1: "0.5", 2: "0.5"},
        WEST: {2: "1"},
        NORTH: {1: "1"},
    }


def test_an_exchange_keeps_within_the_limit_of_sources() -> None:
    assert taken(["2.5"], {EAST: "2.3", WEST: 1}, SplitLimits(sources=1)) == {EAST: {1: "2.3"}}
    assert taken(["2.5"], {EAST: "2.3", WEST: 1}, SplitLimits(sources_per_line=1)) == {
        EAST: {1: "2.3"}
    }


def test_virtual_lines_take_sources_in_order_and_exchange_likewise() -> None:
    takes = assign_in_order(needs("2.5"), spare({EAST: "2.3", WEST: 9}), [EAST, WEST])

    assert plain(takes) == {EAST: {1: "1.5"}, WEST: {1: "1"}}


TENTHS = st.integers(0, 40).map(lambda tenths: Decimal(tenths) / 10)


@pytest.mark.parametrize("choose", [partial(assign, limits=NO_LIMITS), assign_in_order])
@examples(400)
@given(
    asked=st.lists(TENTHS.filter(bool), min_size=1, max_size=3),
    held=st.dictionaries(st.integers(1, 5), TENTHS, max_size=5),
    with_decimals=st.sets(st.integers(1, 5)),
)
def test_as_much_is_assigned_as_fractions_allow(
    choose: Any, asked: Any, held: Any, with_decimals: Any
) -> None:
    takes = choose(needs(*asked), spare(held, with_decimals), [1, 2, 3, 4, 5])

    in_fractions = sum(units for source, units in held.items() if source in with_decimals)
    whole = sum(floor(units) for source, units in held.items() if source not in with_decimals)
    most = min(sum(asked), in_fractions + min(whole, sum(map(floor, asked))))
    assert sum(sum(lines.values()) for lines in takes.values()) == most
    for source, lines in takes.items():
        assert 0 < sum(lines.values()) <= held[source]
        assert source in with_decimals or all(units % 1 == 0 for units in lines.values())
    for line, quantity in enumerate(asked, start=1):
        assert sum(lines.get(line, 0) for lines in takes.values()) <= quantity
