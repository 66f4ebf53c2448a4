"""Lines of one product are one need where a shipment leaves in full or by quantity."""

from dataclasses import replace
from typing import Any

import pytest

from core.quantities import UNIT
from fulfillment.sourcing.needs import Need
from tests.fulfillment.release.worlds import (
    KTP,
    KTP2,
    TODAY,
    A,
    B,
    C,
    plan_release,
    settings,
    shipment,
    supply,
)

LINE_1, LINE_2, LINE_3 = 101, 102, 103


def decided(
    lines: list[Any], units: Any, **rules: int | str
) -> tuple[dict[tuple[int, int], Any], list[tuple[Any, ...]]]:
    """Return what one shipment is given, by line and source, and why the rest of it waits."""
    needs = tuple(
        Need(100 + sequence, sequence, product, int(quantity * UNIT))
        for sequence, (product, quantity) in enumerate(lines, start=1)
    )
    waiting = replace(shipment(1, {}), needs=needs)
    (decision,) = plan_release([waiting], units, settings(**rules), TODAY).decisions
    given = {
        (part.line_id, part.source_id): part.units / UNIT
        for child in decision.children
        for part in child.parts
    }
    reasons = [(s.product_id, s.missing / UNIT, *s.reasons) for s in decision.shortages]
    return given, reasons


@pytest.mark.parametrize(
    ("mode", "given", "reasons"),
    [
        ("FULL", {}, [(KTP, 6, "SPLIT_LIMIT")]),
        ("BY_QUANTITY", {(LINE_1, A): 3, (LINE_2, A): 1}, [(KTP, 2, "SPLIT_LIMIT")]),
        ("BY_LINE", {(LINE_1, A): 3, (LINE_2, B): 3}, []),
    ],
)
def test_the_limit_per_line_holds_for_the_one_need(
    mode: str, given: dict[tuple[Any, Any], int], reasons: list[tuple[Any, int, str]]
) -> None:
    units = supply([(A, KTP, 4), (B, KTP, 3)])

    assert decided([(KTP, 3), (KTP, 3)], units, mode=mode, max_sources_per_line=1) == (
        given,
        reasons,
    )


def test_one_source_that_has_the_sum_covers_all_its_lines() -> None:
    units = supply([(A, KTP, 4), (B, KTP, 3), (C, KTP, 6)])

    assert decided([(KTP, 3), (KTP, 3)], units, max_sources_per_line=1) == (
        {(LINE_1, C): 3, (LINE_2, C): 3},
        [],
    )


def test_a_product_has_its_dated_units_before_the_next_product_has_any() -> None:
    day = TODAY.replace(day=30)
    units = supply(future=[(1, A, KTP, 2, day), (2, B, KTP2, 2, day), (3, C, KTP, 2, day)])
    lines = [(KTP, 2), (KTP2, 2), (KTP, 2)]

    assert decided(lines, units, mode="BY_QUANTITY", max_sources_per_release=2)[0] == {
        (LINE_1, A): 2,
        (LINE_3, C): 2,
    }


@pytest.mark.parametrize(
    ("lines", "in_fractions", "in_whole", "given", "missing"),
    [
        # Two halves are no whole unit: neither line may have one of A.
        ((0.5, 0.5), 0, 9, {}, 1),
        ((0.5, 0.5), 1, 9, {(LINE_1, B): 0.5, (LINE_2, B): 0.5}, 0),
        # Whichever line B would serve first, both have their fraction of it.
        (
            (1.5, 0.5),
            1,
            1,
            {(LINE_1, A): 1, (LINE_1, B): 0.5, (LINE_2, B): 0.5},
            0,
        ),
        # 0.7 are short: of the three that A has, two go into whole units of lines.
        ((1.5, 1.7), 0.5, 3, {}, 0.7),
    ],
)
def test_each_line_has_its_fraction_from_where_decimals_are_used(
    lines: tuple[float, float],
    in_fractions: float | int,
    in_whole: int,
    given: dict[Any, Any],
    missing: float | int,
) -> None:
    units = supply([(A, KTP, in_whole), (B, KTP, 0)])
    items = tuple(
        replace(item, unallocated=int(in_fractions * UNIT)) if item.source_id == B else item
        for item in units.items
    )
    units = replace(units, items=items, with_decimals=frozenset({(B, KTP)}))

    found, reasons = decided([(KTP, quantity) for quantity in lines], units)

    assert found == given
    assert [reason[1] for reason in reasons] == ([missing] if missing else [])
