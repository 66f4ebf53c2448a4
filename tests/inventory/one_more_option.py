"""Run by a test: adds a row to the table of options, and says where it turned up."""

# ruff: noqa: E402 - the row is there before anything derives from the table
import json
import os
import sys
from decimal import Decimal
from typing import Any

import django

from inventory import options

ROW = options.StockOption(
    "lead_time_units",
    "Lead Time Units",
    Decimal(3),
    "How many are always on their way.",
    options.G_P_S,
    options.Group.PRODUCT_STOCK,
    minimum=Decimal(0),
    csv_column="lead_time_units",
    csv_use_config_column="use_config_lead_time_units",
)
options.OPTIONS = (*options.OPTIONS, ROW)
options.BY_NAME[ROW.name] = ROW
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.apps import apps
from django.db.migrations import AddField
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from docs.reference.options import page
from inventory.admin.configuration import ConfigurationForm
from inventory.admin.product_page import ProductForm
from inventory.admin.source_item_forms import SourceItemForm
from inventory.api.configuration import ConfigurationChange, Configured
from inventory.api.products import ProductEffective, ProductOverrides
from inventory.api.source_items import SourceItemOverrides
from inventory.files.product_columns import COLUMNS
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.operations import item_rows, product_rows
from inventory.resolution import resolve

NAME = ROW.name
MODELS = (InventoryConfiguration, Product, SourceItem)
FORMS = (ConfigurationForm, ProductForm, SourceItemForm)
SERIALIZERS = (
    ConfigurationChange,
    Configured,
    ProductOverrides,
    ProductEffective,
    SourceItemOverrides,
)


def models_that_a_migration_would_change() -> list[Any]:
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    return sorted(
        operation.model_name
        for migrations in detector.changes(graph=loader.graph).values()
        for migration in migrations
        for operation in migration.operations
        if isinstance(operation, AddField) and operation.name == NAME
    )


def derived() -> dict[str, list[Any]]:
    """Return what each thing that derives from the table says of the new option."""
    own = resolve(NAME, configuration={NAME: 5}, product={NAME: 4}, source_item={NAME: 2})
    return {
        "columns": [model.__name__ for model in MODELS if model._meta.get_field(NAME).null],
        "migration adds": models_that_a_migration_would_change(),
        "forms": [form.__name__ for form in FORMS if NAME in form.base_fields],
        "api": [found.__name__ for found in SERIALIZERS if NAME in found().fields],
        "files": [column for column in COLUMNS if NAME in column],
        "written": [
            rows.__name__.rpartition(".")[2]
            for rows in (item_rows, product_rows)
            if NAME in rows.COLUMNS
        ],
        "resolved": [str(resolve(NAME, configuration={}).value), own.origin],
        "reference": [line for line in page().splitlines() if NAME in line],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(derived()))
