"""What the server, and the interpreter, are told while batches are read and written."""

import gc
from typing import Any

import pytest
from django.db import connection

from fulfillment.release.rows import decision_log
from fulfillment.release.runs import engine
from inventory.models import Product
from tests.fulfillment.release.waiting_orders import World, release


def cost() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW random_page_cost")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_the_planner_setting_for_near_rows_ends_with_the_batch(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001")
    usual = cost()
    seen = []
    kept = decision_log.keep_decisions

    def keep_and_look(*arguments: Any, **values: Any) -> None:
        seen.append(cost())
        kept(*arguments, **values)

    monkeypatch.setattr(decision_log, "keep_decisions", keep_and_look)
    release()

    assert seen == ["1.1"]
    assert cost() == usual != "1.1"


@pytest.mark.django_db
def test_a_run_searches_for_no_cycles_and_its_worker_does_again_afterwards(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001")
    seen = []

    release(progress=lambda _done: seen.append(gc.isenabled()))

    assert seen == [False]
    assert gc.isenabled()

    monkeypatch.setattr(engine, "walk_scope", None)
    with pytest.raises(TypeError):
        release()
    assert gc.isenabled()
