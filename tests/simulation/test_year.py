"""A shop lives through days and nights, and its word is kept.

The short story is in every run of the tests; the year of each rule in the long one, which writes
docs/simulated-year.md.
"""

import json
from collections.abc import Callable

import pytest
from celery import current_app
from pytest_django import Settings

from tests.simulation.plan import planned
from tests.simulation.shop import ZONE
from tests.simulation.year import Year

pytestmark = pytest.mark.django_db(transaction=True)
long = pytest.mark.long


@pytest.mark.parametrize(
    ("rule", "auto_cancel", "mode", "days", "orders", "supplies"),
    [
        ("CONSENT", True, "FULL", 35, 20, 8),
        pytest.param("OFF", False, "FULL", 365, 300, 40, marks=long),
        pytest.param("NOTIFY", False, "BY_QUANTITY", 365, 300, 40, marks=long),
        pytest.param("CONSENT", True, "FULL", 365, 300, 40, marks=long),
        pytest.param("CONSENT", False, "BY_QUANTITY", 365, 300, 40, marks=long),
    ],
)
def test_a_shop_keeps_its_word(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
    rule: str,
    auto_cancel: bool,
    mode: str,
    days: int,
    orders: int,
    supplies: int,
) -> None:
    settings.EMAIL_CONNECTIONS = 1
    settings.SITE_URL = "https://shop.example"
    settings.SITE_TIME_ZONE = settings.TIME_ZONE = ZONE.key
    plan = planned(seed=17, days=days, orders=orders, supplies=supplies)
    year = Year(plan, rule=rule, auto_cancel=auto_cancel, mode=mode)
    monkeypatch.setattr(current_app, "send_task", year.shop.clock.send_task)

    wrong = year.live()

    assert not wrong, "\n".join(wrong)
    counts = {**year.judge.kinds, **year.judge.tally}
    record_property("year", json.dumps({"rule": rule, "auto_cancel": auto_cancel, "days": days}))
    record_property("counts", json.dumps(counts))
    # A story in which nothing happens would keep every word.
    assert year.judge.kinds["CONFIRMED"] == orders
    assert year.judge.tally["shipped as agreed"]
