"""The structure holds: imports keep their direction, migrations agree with models."""

import ast
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from importlinter import cli

ROOT = Path(__file__).resolve().parents[1]
APPS = ("inventory", "orders", "fulfillment")
LONGEST_MODULE = 350
# One table, a row an option: splitting it would hide what it is.
TABLES = {"inventory/options.py"}
# Shown inside the page of what they belong to, or kept for the program alone.
WITHOUT_A_PAGE = {
    "fulfillment.ArrivalNotice",
    "fulfillment.DailyFigures",
    "fulfillment.ReceiptShare",
    "fulfillment.ReviewColumns",
    "fulfillment.ReviewView",
    "fulfillment.ReleaseDecision",
    "fulfillment.ShipmentEvent",
    "fulfillment.ShipmentLine",
    "fulfillment.SourceBar",
    "fulfillment.SupplyOutlook",
    "fulfillment.WaitingFigures",
    "inventory.BulkRefusal",
    "inventory.IdempotentAnswer",
    "inventory.ImportStep",
    "inventory.PreviewSnapshot",
    "inventory.Receipt",
    "inventory.ReceiptReversal",
    "inventory.StockSource",
    "orders.CancellationLine",
    "orders.CaptureLine",
    "orders.OrderLine",
    "orders.RefundLine",
    "orders.VirtualDelivery",
}


def test_imports_keep_their_contracts():
    assert cli.lint_imports() == 0


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("app", APPS)
def test_every_model_has_its_admin(app):
    models = [
        model
        for model in apps.get_app_config(app).get_models()
        if not model._meta.object_name.endswith("Event") or model._meta.label in WITHOUT_A_PAGE
    ]
    missing = {model._meta.label for model in models if not admin.site.is_registered(model)}

    assert missing == {label for label in WITHOUT_A_PAGE if label.startswith(f"{app}.")}


def test_no_module_is_too_long_to_hold_in_the_head():
    modules = [
        path
        for folder in ("config", *APPS)
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
    ]

    too_long = {
        str(path.relative_to(ROOT)): count
        for path in modules
        if (count := len(path.read_text().splitlines())) > LONGEST_MODULE
        and str(path.relative_to(ROOT)) not in TABLES
    }

    assert too_long == {}


def test_what_decides_imports_the_standard_library_and_what_decides_alone():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    pure = next(c for c in contracts["contracts"] if c["type"] == "forbidden")["source_modules"]

    impure = {
        (str(path.relative_to(ROOT)), name)
        for module in pure
        for path in files_of(module)
        for name in imported_by(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(name == other or name.startswith(f"{other}.") for other in pure)
    }

    assert impure == set()


def files_of(module):
    path = ROOT / module.replace(".", "/")
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def imported_by(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
