"""A task that does not come again soon outlives a database that was busy or away when it came."""

from typing import Any

import pytest
from django.db import OperationalError

from config.celery import app
from fulfillment.operations.delays.silence import DelayCounts
from fulfillment.queries.product_jobs import JOBS

RARE = [job.task for job in JOBS if isinstance(job.usual, str) or job.usual[1] == "days"]
WORK = {
    "fulfillment.act_on_delays": "fulfillment.tasks.act_on_delays",
    "fulfillment.run_rules": "fulfillment.tasks.request_rule_run",
    "fulfillment.renew_dates": "fulfillment.release.runs.engine.renew_dates",
    "inventory.queue_low_stock_digests": "inventory.tasks.queue_digests",
    "inventory.forget_imports": "inventory.tasks.forget_texts",
    "fulfillment.delete_old_decisions": "fulfillment.tasks.delete_old_decisions",
    "config.erase_old_customers": "config.tasks.erase_old_customers",
    "fulfillment.queue_demand_digests": "fulfillment.tasks.queue_demand_digests",
}


def test_all_rare_tasks_are_tried_here() -> None:
    assert set(RARE) == set(WORK)


@pytest.mark.parametrize("task", RARE)
def test_a_rare_task_is_tried_again(task: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def work(*_positions: Any, **_values: Any) -> Any:
        tries.append(task)
        if len(tries) < 3:
            raise OperationalError("canceling statement due to lock timeout")
        return DelayCounts(0, 0, 0) if task == "fulfillment.act_on_delays" else 0

    app.loader.import_default_modules()
    monkeypatch.setattr(WORK[task], work)

    assert app.tasks[task].apply().successful()
    assert tries == [task] * 3
