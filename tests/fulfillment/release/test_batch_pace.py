"""Batches take about a second, whatever the machine."""

from itertools import islice
from math import inf
from typing import Any

import pytest

from fulfillment.release.rows.queue import Pace


@pytest.mark.parametrize(
    ("count", "seconds", "size"),
    [
        (1_000, 0.1, 2_000),
        (1_000, 0.8, 1_250),
        (1_000, 1.0, 1_000),
        (4_000, 2.0, 2_000),
        (1_000, 60.0, 100),
        (8_000, 0.5, 10_000),
        (1_000, 0.0, 2_000),
        (30, 0.1, 100),
    ],
)
def test_the_next_batch_is_as_large_as_fits_into_a_second(
    count: int, seconds: float, size: int
) -> None:
    pace = Pace(most=10_000)

    pace.note(count, seconds=seconds)

    assert pace.size == size


def test_where_nothing_is_locked_batches_grow_to_the_most() -> None:
    pace = Pace(most=10_000, seconds=inf)

    sizes = []
    for _ in range(6):
        sizes.append(pace.size)
        pace.note(pace.size, seconds=30)

    assert sizes == [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]


def test_no_batch_is_above_the_most_though_it_is_small() -> None:
    pace = Pace(most=2)
    pace.note(2, seconds=60)

    assert pace.size == 2


def test_the_time_of_a_batch_is_what_is_done_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 4.0, 10.0, 10.5, 20.0, 21.0])
    monkeypatch.setattr("fulfillment.release.rows.queue.time.monotonic", lambda: next(clock))
    waiting = iter(range(1_500))
    asked = []

    def take(size: Any) -> list[Any]:
        asked.append(size)
        return list(islice(waiting, size))

    batches = list(Pace(most=10_000).batches(take))

    assert asked == [1_000, 250, 500, 250]
    assert [(batch[0], batch[-1]) for batch in batches] == [(0, 999), (1000, 1249), (1250, 1499)]
