"""What to order of one product, worked out by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.demand.proposals import ProductNeed, ProposedUnits, proposed_units

MAIN, STORE, OTHER = 1, 2, 3


def units(
    needs: list[tuple[int, int, bool]], coming: dict[int, int], multiple: int = 1
) -> dict[int, int]:
    found = proposed_units(
        [
            ProductNeed(source, Decimal(quantity), is_pickup)
            for source, quantity, is_pickup in needs
        ],
        {source: Decimal(quantity) for source, quantity in coming.items()},
        multiple=multiple,
    )
    return {one.source_id: int(one.quantity) for one in found}


@pytest.mark.parametrize(
    ("needs", "coming", "multiple", "expected"),
    [
        # Nothing is needed, or more comes than is needed.
        ([], {}, 1, {}),
        ([(MAIN, 4, False)], {MAIN: 5}, 6, {}),
        ([(STORE, 4, True)], {MAIN: 5}, 6, {}),
        # What comes elsewhere covers what is not for pickup.
        ([(MAIN, 4, False)], {OTHER: 3}, 1, {MAIN: 1}),
        # A pickup is covered first by what comes to its source, last by what comes elsewhere.
        ([(STORE, 4, False), (STORE, 3, True)], {STORE: 3}, 1, {STORE: 4}),
        ([(MAIN, 4, False), (STORE, 3, True)], {STORE: 5}, 1, {MAIN: 2}),
        ([(MAIN, 4, False), (STORE, 3, True)], {MAIN: 6}, 1, {STORE: 1}),
        # Units beyond the needs go where they can be used for everything.
        ([(STORE, 2, True), (MAIN, 4, False)], {}, 8, {STORE: 2, MAIN: 6}),
        ([(STORE, 2, True)], {}, 12, {STORE: 12}),
        # Needs of one source are ordered together.
        ([(MAIN, 4, False), (MAIN, 3, False), (MAIN, 1, True)], {}, 1, {MAIN: 8}),
    ],
)
def test_what_is_ordered_where(
    needs: list[tuple[int, int, bool]],
    coming: dict[int, int],
    multiple: int,
    expected: dict[int, int],
) -> None:
    assert units(needs, coming, multiple) == expected


def test_fractions_are_rounded_up_too() -> None:
    found = proposed_units([ProductNeed(MAIN, Decimal("2.5"))], {}, multiple=1)

    assert found == (ProposedUnits(MAIN, Decimal(3)),)


SOURCES = st.sampled_from([MAIN, STORE, OTHER])


@given(
    st.lists(st.tuples(SOURCES, st.integers(1, 50), st.booleans()), max_size=6),
    st.dictionaries(SOURCES, st.integers(0, 60)),
    st.integers(1, 12),
)
def test_the_sum_is_what_is_missing_rounded_up(
    needs: list[tuple[int, int, bool]], coming: dict[int, int], multiple: int
) -> None:
    missing = max(sum(need[1] for need in needs) - sum(coming.values()), 0)

    found = units(needs, coming, multiple)

    assert sum(found.values()) == -(-missing // multiple) * multiple
    assert all(quantity > 0 for quantity in found.values())
