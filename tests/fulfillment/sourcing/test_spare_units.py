from decimal import Decimal

from fulfillment.sourcing.eligibility import Queue, spare_units

EAST, STORE, BOTH = 1, 2, 3
A = 10
AVAILABLE = {(EAST, A): Decimal(10), (STORE, A): Decimal(4), (BOTH, A): Decimal(6)}
HOME = {EAST, BOTH}


def test_pickups_that_wait_at_a_source_keep_its_units() -> None:
    spare = spare_units(
        available=AVAILABLE,
        waiting={Queue(A, BOTH): Decimal(5), Queue(A, None): Decimal(3)},
        home_source_ids=HOME,
        pickup_source_id=None,
    )

    assert spare.at_source == {
        (EAST, A): Decimal(10),
        (STORE, A): Decimal(4),
        (BOTH, A): Decimal(1),
    }
    assert spare.in_all == {A: Decimal(8)}  # 10 + 1 at sources that ship to home, less 3


def test_a_pickup_order_has_what_its_store_spares() -> None:
    spare = spare_units(
        available=AVAILABLE,
        waiting={Queue(A, STORE): Decimal(1), Queue(A, None): Decimal(99)},
        home_source_ids=HOME,
        pickup_source_id=STORE,
    )

    assert spare.at_source == {(STORE, A): Decimal(3)}
    assert spare.in_all == {A: Decimal(3)}


def test_a_store_that_also_ships_to_home_gives_no_more_than_those_at_home_spare() -> None:
    spare = spare_units(
        available=AVAILABLE,
        waiting={Queue(A, None): Decimal(14)},
        home_source_ids=HOME,
        pickup_source_id=BOTH,
    )

    assert spare.at_source == {(BOTH, A): Decimal(6)}
    assert spare.in_all == {A: Decimal(2)}


def test_more_waiting_than_there_is_spares_nothing() -> None:
    spare = spare_units(
        available=AVAILABLE,
        waiting={Queue(A, EAST): Decimal(11), Queue(A, None): Decimal(7)},
        home_source_ids=HOME,
        pickup_source_id=None,
    )

    assert spare.at_source[EAST, A] == Decimal(0)
    assert spare.in_all == {A: Decimal(0)}
