"""Barcodes of products, and an index of the SKUs that look alike."""

import django.db.models.constraints
import django.db.models.functions.text
import inventory.models.product
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0014_equal_priorities'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='product',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='product',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='product',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='product',
            name='barcode',
            field=models.CharField(blank=True, help_text='The code on the package, such as a GTIN; its check digit must be right.', max_length=64, null=True, validators=[inventory.models.product.refuse_wrong_barcode], verbose_name='barcode'),
        ),
        migrations.AddField(
            model_name='productevent',
            name='barcode',
            field=models.CharField(blank=True, help_text='The code on the package, such as a GTIN; its check digit must be right.', max_length=64, null=True, validators=[inventory.models.product.refuse_wrong_barcode], verbose_name='barcode'),
        ),
        migrations.AlterField(
            model_name='product',
            name='sku',
            field=models.CharField(help_text='The code that names the product everywhere; up to 64 characters.', max_length=64, unique=True, verbose_name='SKU'),
        ),
        migrations.AlterField(
            model_name='productevent',
            name='sku',
            field=models.CharField(help_text='The code that names the product everywhere; up to 64 characters.', max_length=64, verbose_name='SKU'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(django.db.models.functions.text.Lower(models.Func('sku', template='normalize(%(expressions)s, NFKC)')), name='product_sku_look_alike'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_productevent" ("allow_multiple_boxes", "auto_return_to_stock", "backorders", "barcode", "enable_qty_increments", "future_inventory", "id", "is_enabled", "manage_stock", "max_cart_qty", "min_cart_qty", "name", "notify_quantity_below", "only_x_left_threshold", "out_of_stock_threshold", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "product_type", "qty_increments", "qty_uses_decimals", "sku") SELECT new_values."allow_multiple_boxes", new_values."auto_return_to_stock", new_values."backorders", new_values."barcode", new_values."enable_qty_increments", new_values."future_inventory", new_values."id", new_values."is_enabled", new_values."manage_stock", new_values."max_cart_qty", new_values."min_cart_qty", new_values."name", new_values."notify_quantity_below", new_values."only_x_left_threshold", new_values."out_of_stock_threshold", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."price", new_values."product_type", new_values."qty_increments", new_values."qty_uses_decimals", new_values."sku" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b74da04b58189abf5c813acf7fb7c06124fba75d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_936b5', referencing='REFERENCING NEW TABLE AS new_values ', table='inventory_product', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_productevent" ("allow_multiple_boxes", "auto_return_to_stock", "backorders", "barcode", "enable_qty_increments", "future_inventory", "id", "is_enabled", "manage_stock", "max_cart_qty", "min_cart_qty", "name", "notify_quantity_below", "only_x_left_threshold", "out_of_stock_threshold", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "product_type", "qty_increments", "qty_uses_decimals", "sku") SELECT new_values."allow_multiple_boxes", new_values."auto_return_to_stock", new_values."backorders", new_values."barcode", new_values."enable_qty_increments", new_values."future_inventory", new_values."id", new_values."is_enabled", new_values."manage_stock", new_values."max_cart_qty", new_values."min_cart_qty", new_values."name", new_values."notify_quantity_below", new_values."only_x_left_threshold", new_values."out_of_stock_threshold", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."price", new_values."product_type", new_values."qty_increments", new_values."qty_uses_decimals", new_values."sku" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ea2956c4ba904dc953444a4adaaba0202c5a00db', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_23ae4', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='inventory_product', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_productevent" ("allow_multiple_boxes", "auto_return_to_stock", "backorders", "barcode", "enable_qty_increments", "future_inventory", "id", "is_enabled", "manage_stock", "max_cart_qty", "min_cart_qty", "name", "notify_quantity_below", "only_x_left_threshold", "out_of_stock_threshold", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "product_type", "qty_increments", "qty_uses_decimals", "sku") SELECT old_values."allow_multiple_boxes", old_values."auto_return_to_stock", old_values."backorders", old_values."barcode", old_values."enable_qty_increments", old_values."future_inventory", old_values."id", old_values."is_enabled", old_values."manage_stock", old_values."max_cart_qty", old_values."min_cart_qty", old_values."name", old_values."notify_quantity_below", old_values."only_x_left_threshold", old_values."out_of_stock_threshold", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."price", old_values."product_type", old_values."qty_increments", old_values."qty_uses_decimals", old_values."sku" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f5c1bbc9780f9532cd25b3e853eda751a631147d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c5b0b', referencing='REFERENCING OLD TABLE AS old_values ', table='inventory_product', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['IMMEDIATE'], fields=('barcode',), name='product_barcode_once', violation_error_code='unique', violation_error_message='Another product has this barcode.'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('barcode', ''), _negated=True), name='product_barcode_not_blank', violation_error_message='A barcode that is not known is left out.'),
        ),
    ]
