from datetime import timedelta

from core.pauses import doubling_pause

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_pauses_double_up_to_the_longest() -> None:
    pauses = [doubling_pause(count, first=HOUR, longest=DAY) for count in (1, 2, 5, 6, 1000)]

    assert pauses == [HOUR, 2 * HOUR, 16 * HOUR, DAY, DAY]


def test_without_a_longest_pause_the_tenth_is_512_times_the_first() -> None:
    assert doubling_pause(10, first=timedelta(minutes=1)) == timedelta(minutes=512)
