"""Whatever happens, and in whatever order, the books are right after every step."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.order_steps import OrderSteps
from tests.machine.picking_steps import PickingSteps
from tests.machine.queue_steps import QueueSteps
from tests.machine.supply_steps import SupplySteps

STEPS_OF_A_WORLD = 50


class EverydayMachine(OrderSteps, PickingSteps, SupplySteps, QueueSteps):
    """Everything that people, customers and the clock do."""


def run(steps: int) -> None:
    """Take so many steps, each of them judged, in worlds that begin anew."""
    end = EverydayMachine.step_count + steps
    # A world may end early.
    while (left := end - EverydayMachine.step_count) > 0:
        worlds = -(-left // STEPS_OF_A_WORLD)
        asked = settings(max_examples=worlds, stateful_step_count=STEPS_OF_A_WORLD)
        run_state_machine_as_test(EverydayMachine, settings=asked)


@pytest.mark.django_db
def test_no_sequence_of_2_000_steps_breaks_the_books() -> None:
    run(2_000)


@pytest.mark.long
@pytest.mark.django_db
def test_no_sequence_of_200_000_steps_breaks_the_books() -> None:
    run(200_000)
