"""Indexes for the search of all pages: parts of words of products and references."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("inventory", "0006_deliveries")]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            model_name="futuresupply",
            index=GinIndex(
                OpClass(Upper("reference"), "gin_trgm_ops"), name="future_supply_by_reference"
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=GinIndex(
                OpClass(Upper("sku"), "gin_trgm_ops"),
                OpClass(Upper("name"), "gin_trgm_ops"),
                OpClass("barcode", "gin_trgm_ops"),
                name="product_search",
            ),
        ),
    ]
