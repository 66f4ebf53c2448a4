from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from fulfillment.routing.assignment import Limits, Need, assign
from fulfillment.routing.spare import Spare

EAST, WEST, NORTH = 1, 2, 3
A, B = 10, 11
NO_LIMITS = Limits()


def units(number):
    return Decimal(number)


def spare(at_source, in_all=None):
    totals = {}
    for (_, product), quantity in at_source.items():
        totals[product] = totals.get(product, 0) + quantity
    return Spare(
        {key: Decimal(quantity) for key, quantity in at_source.items()},
        {product: Decimal(quantity) for product, quantity in (in_all or totals).items()},
    )


def plain(takes):
    return {
        source: {line: int(quantity) for line, quantity in lines.items()}
        for source, lines in takes.items()
    }


def test_the_first_source_that_covers_everything_serves_the_order():
    needs = [Need(1, A, units(5)), Need(2, B, units(1))]
    stocked = spare({(EAST, A): 9, (WEST, A): 5, (WEST, B): 1, (NORTH, A): 9, (NORTH, B): 9})

    assert plain(assign(needs, stocked, [EAST, WEST, NORTH], NO_LIMITS)) == {WEST: {1: 5, 2: 1}}


def test_otherwise_the_source_that_covers_most_goes_first_and_gives_all_it_can():
    needs = [Need(1, A, units(12))]
    stocked = spare({(EAST, A): 3, (WEST, A): 8, (NORTH, A): 3})

    takes = assign(needs, stocked, [EAST, WEST, NORTH], NO_LIMITS)

    assert plain(takes) == {WEST: {1: 8}, EAST: {1: 3}, NORTH: {1: 1}}
    assert list(takes) == [WEST, EAST, NORTH]


def test_no_more_is_given_than_is_spare_in_all_lines_in_sequence():
    needs = [Need(1, A, units(4)), Need(2, A, units(4))]
    stocked = spare({(EAST, A): 9}, in_all={A: 6})

    assert plain(assign(needs, stocked, [EAST], NO_LIMITS)) == {EAST: {1: 4, 2: 2}}


def test_the_limit_of_sources_ends_the_search():
    needs = [Need(1, A, units(6)), Need(2, B, units(3))]
    stocked = spare({(EAST, A): 4, (WEST, A): 2, (WEST, B): 1})

    assert plain(assign(needs, stocked, [EAST, WEST], Limits(sources=1))) == {EAST: {1: 4}}


def test_the_limit_of_sources_for_a_line_leaves_other_lines_alone():
    needs = [Need(1, A, units(6)), Need(2, B, units(1))]
    stocked = spare({(EAST, A): 4, (WEST, A): 2, (WEST, B): 1})

    takes = assign(needs, stocked, [EAST, WEST], Limits(sources_per_line=1))

    assert plain(takes) == {EAST: {1: 4}, WEST: {2: 1}}


@settings(max_examples=150, deadline=None)
@given(
    needs=st.lists(st.tuples(st.sampled_from([A, B]), st.integers(1, 9)), max_size=5),
    held=st.dictionaries(
        st.tuples(st.sampled_from([EAST, WEST, NORTH]), st.sampled_from([A, B])),
        st.integers(0, 9),
    ),
    cap=st.integers(0, 12),
)
def test_nothing_is_given_that_is_not_there_or_was_not_asked_for(needs, held, cap):
    asked = [
        Need(line, product, Decimal(quantity))
        for line, (product, quantity) in enumerate(needs, start=1)
    ]
    takes = assign(asked, spare(held, in_all={A: cap, B: cap}), [EAST, WEST, NORTH], NO_LIMITS)

    for need in asked:
        parts = [lines[need.line] for lines in takes.values() if need.line in lines]
        assert sum(parts) <= need.quantity
    for product in (A, B):
        lines = {need.line for need in asked if need.product_id == product}
        total = 0
        for source, taken in takes.items():
            given_here = sum(quantity for line, quantity in taken.items() if line in lines)
            assert given_here <= held.get((source, product), 0)
            total += given_here
        assert total <= cap
