"""Every model has its page; modules and their imports are checked by `make lint`."""

from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin

from tests.lints.field_nouns import participles
from tests.lints.modules import imported_by, is_allowed
from tests.lints.names import misnamed_things
from tests.lints.purposes import has_two_subjects
from tests.lints.same_names import classes_named_twice, modules_named_twice
from tests.lints.statements import typed_values

APPS = ("core", "inventory", "orders", "fulfillment")
# Shown inside the page of what they belong to, or kept for the program alone.
WITHOUT_A_PAGE = {
    "fulfillment.ArrivalNotice",
    "fulfillment.DailyFigures",
    "fulfillment.DelayDecision",
    "fulfillment.PickLine",
    "fulfillment.PickScan",
    "fulfillment.ReceiptShare",
    "fulfillment.ReleaseDecision",
    "fulfillment.RuleAct",
    "fulfillment.RuleStep",
    "fulfillment.ShipmentEvent",
    "fulfillment.ShipmentLine",
    "fulfillment.ShipmentNote",
    "fulfillment.SourceBar",
    "fulfillment.SupplyOutlook",
    "fulfillment.WaitingFigures",
    "core.AccessLimit",
    "core.BulkRefusal",
    "core.IdempotentAnswer",
    "inventory.ImportStep",
    "core.ColumnChoice",
    "core.FailedAttempts",
    "core.PasswordResetRequest",
    "core.LastVisit",
    "core.PersonLanguage",
    "core.PreviewSnapshot",
    "core.SavedView",
    "core.TrackedGroup",
    "core.TrackedGroupPermission",
    "core.TrackedMembership",
    "core.TrackedUser",
    "core.TrackedUserPermission",
    "core.Unsubscription",
    "inventory.ClosedDay",
    "inventory.Delivery",
    "inventory.Receipt",
    "inventory.ReceiptReversal",
    "inventory.StockSource",
    "orders.CancellationLine",
    "orders.CaptureLine",
    "orders.OrderChange",
    "orders.OrderLine",
    "orders.OrderNote",
    "orders.RefundLine",
    "orders.ReturnLine",
    "orders.VirtualDelivery",
}


@pytest.mark.parametrize("app", APPS)
def test_every_model_has_its_admin(app: str) -> None:
    models = [
        model
        for model in apps.get_app_config(app).get_models()
        if not model.__name__.endswith("Event") or model._meta.label in WITHOUT_A_PAGE
    ]
    missing = {model._meta.label for model in models if not admin.site.is_registered(model)}

    assert missing == {label for label in WITHOUT_A_PAGE if label.startswith(f"{app}.")}


def test_a_pure_module_that_imports_another_is_found() -> None:
    assert list(imported_by("import os\nfrom django.db import models")) == ["os", "django.db"]
    assert is_allowed("os.path", ["inventory.codes"])
    assert is_allowed("inventory.codes", ["inventory.codes"])
    assert is_allowed("inventory.codes.parts", ["inventory.codes"])
    assert not is_allowed("django.db", ["inventory.codes"])
    assert not is_allowed("inventory.codes_of", ["inventory.codes"])


def test_a_class_name_in_two_modules_is_found() -> None:
    sources = {
        "core/a.py": "class Line: ...\nclass Page: ...\nclass Command: ...",
        "orders/b.py": "class Line: ...\nclass Order:\n    class Page: ...",
        "demo/c.py": "class Command: ...",
    }

    assert list(classes_named_twice(sources)) == [
        "Line: one name for classes in core/a.py, orders/b.py; name each apart"
    ]


def test_a_module_name_with_two_meanings_is_found() -> None:
    paths = [
        "core/queries/changes.py",
        "orders/api/changes.py",
        "orders/admin/line/rows.py",
        "orders/admin/rows.py",
        "orders/api/check.py",
        "orders/placing/check.py",
        "orders/api/urls.py",
        "demo/urls.py",
        "orders/sourcing/__init__.py",
        "orders/sourcing/sourcing.py",
        "tests/rows.py",
    ]

    assert list(modules_named_twice(paths)) == [
        "changes: one name for modules core/queries/changes.py, orders/api/changes.py; "
        "name each apart",
        "rows: one name for modules orders/admin/line/rows.py, orders/admin/rows.py; "
        "name each apart",
    ]


def test_a_state_that_is_typed_in_a_statement_is_found() -> None:
    known = {"READY"}

    assert list(typed_values("A = \"WHERE state = 'READY'\"", known)) == [(1, "READY")]
    assert list(typed_values("A = f\"{x} ELSE 'READY' END\"", known)) == [(1, "READY")]
    assert list(typed_values("A = f\"WHERE state = '{State.READY}'\"", known)) == []
    assert list(typed_values("A = \"to_char(id, 'FM000')\"", known)) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def places_of(keys): ...", ["places_of"]),
        ("class SupplyPlace: ...", ["SupplyPlace"]),
        ("class Place: ...", ["Place"]),
        ("for place in row.places: ...", ["place"]),
        ("row.changed_places = PLACES = 3", ["changed_places", "PLACES"]),
        ("def f(place: int, *, by_place: str): ...", ["place", "by_place"]),
        ("def place_order(place: Callable[..., Any]): ...", []),
        ("class PlaceBody: ...", []),
        ("def _place(placed, replaces, decimals=field(decimal_places=4)): ...", []),
        ("def test_one_key_places_one_order(): ...", []),
    ],
)
def test_a_thing_that_is_called_a_place_is_found(source: str, found: list[str]) -> None:
    assert [name for _line, name in misnamed_things(source)] == found


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("inventory/queries/selling.py", "", ["selling"]),
        ("fulfillment/admin/scheduled/__init__.py", "", ["scheduled"]),
        ("orders/api/orders.py", "class OrderShown: ...\nclass OrderBody: ...", ["OrderShown"]),
        ("orders/money.py", "class MoneyMoved:\n    class _Kept: ...", ["MoneyMoved", "_Kept"]),
        ("fulfillment/sourcing/needs.py", "class Need: ...\nclass SentEmail: ...", []),
        ("tests/orders/test_placing.py", "", []),
    ],
)
def test_a_name_that_is_a_participle_is_found(path: str, source: str, found: list[str]) -> None:
    assert list(participles(Path(path), source)) == found


def test_a_module_that_needs_an_and_is_found() -> None:
    assert has_two_subjects('"""Reads orders\nand writes them."""')
    assert not has_two_subjects('"""Understands candy.\n\nIt is red and sweet."""')
    assert not has_two_subjects("import os")
