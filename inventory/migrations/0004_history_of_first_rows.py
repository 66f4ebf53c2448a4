"""Gives the rows that were there before the triggers an event to compare their changes with."""

from django.db import migrations

MODELS = (
    "InventoryConfiguration",
    "Product",
    "Source",
    "SourceItem",
    "FutureSupply",
    "Stock",
    "StockSource",
)


def record_rows(apps, schema_editor):
    for name in MODELS:
        table = apps.get_model("inventory", name)._meta.db_table
        event = apps.get_model("inventory", f"{name}Event")
        columns = ", ".join(
            f'"{field.column}"'
            for field in event._meta.concrete_fields
            if not field.name.startswith("pgh_")
        )
        schema_editor.execute(
            f'INSERT INTO "{event._meta.db_table}" '
            f"(pgh_created_at, pgh_label, pgh_obj_id, {columns}) "
            f"SELECT NOW(), 'insert', id, {columns} FROM \"{table}\" ORDER BY id"
        )


def forget_rows(apps, schema_editor):
    for name in MODELS:
        apps.get_model("inventory", f"{name}Event").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_history")]

    operations = [migrations.RunPython(record_rows, forget_rows)]
