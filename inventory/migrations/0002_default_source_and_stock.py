from django.db import migrations


def make_defaults(apps, schema_editor):
    source, _ = apps.get_model("inventory", "Source").objects.get_or_create(
        code="default",
        defaults={"name": "Default Source", "postcode": "00000", "country": "US"},
    )
    stock, _ = apps.get_model("inventory", "Stock").objects.get_or_create(
        code="default", defaults={"name": "Default Stock"}
    )
    apps.get_model("inventory", "StockSource").objects.get_or_create(
        stock=stock, source=source, defaults={"priority": 1}
    )
    apps.get_model("inventory", "InventoryConfiguration").objects.get_or_create(pk=1)


def remove_defaults(apps, schema_editor):
    apps.get_model("inventory", "StockSource").objects.filter(stock__code="default").delete()
    apps.get_model("inventory", "Stock").objects.filter(code="default").delete()
    apps.get_model("inventory", "Source").objects.filter(code="default").delete()
    apps.get_model("inventory", "InventoryConfiguration").objects.filter(pk=1).delete()


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [migrations.RunPython(make_defaults, remove_defaults)]
