"""Add how long links to orders work."""

import django.core.validators
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0014_supply_planning'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='inventoryconfiguration',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='inventoryconfiguration',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='inventoryconfiguration',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='inventoryconfiguration',
            name='order_link_days',
            field=models.IntegerField(blank=True, help_text='How long customers can open the page of their order from an e-mail.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Days That Links to an Order Work'),
        ),
        migrations.AddField(
            model_name='inventoryconfigurationevent',
            name='order_link_days',
            field=models.IntegerField(blank=True, help_text='How long customers can open the page of their order from an e-mail.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Days That Links to an Order Work'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='inventoryconfiguration',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_inventoryconfigurationevent" ("ageing_days", "auto_return_to_stock", "backorders", "bulk_batch_size", "customers_may_cancel", "default_backorder_days", "delay_answer_days", "delay_ask_days", "delay_auto_cancel", "delay_retell_days", "display_out_of_stock", "enable_qty_increments", "future_date_limit", "future_inventory", "id", "manage_stock", "max_cart_qty", "max_sources_per_line", "max_sources_per_release", "min_cart_qty", "no_match_action", "not_available_message", "notify_quantity_below", "only_x_left_threshold", "order_link_days", "out_of_stock_threshold", "partial_match_action", "partial_match_scope", "payment_action", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "promise_days", "qty_increments", "release_enabled", "release_mode", "release_policy", "set_in_stock_on_return", "show_availability", "source_selection", "void_and_reauthorize") SELECT new_values."ageing_days", new_values."auto_return_to_stock", new_values."backorders", new_values."bulk_batch_size", new_values."customers_may_cancel", new_values."default_backorder_days", new_values."delay_answer_days", new_values."delay_ask_days", new_values."delay_auto_cancel", new_values."delay_retell_days", new_values."display_out_of_stock", new_values."enable_qty_increments", new_values."future_date_limit", new_values."future_inventory", new_values."id", new_values."manage_stock", new_values."max_cart_qty", new_values."max_sources_per_line", new_values."max_sources_per_release", new_values."min_cart_qty", new_values."no_match_action", new_values."not_available_message", new_values."notify_quantity_below", new_values."only_x_left_threshold", new_values."order_link_days", new_values."out_of_stock_threshold", new_values."partial_match_action", new_values."partial_match_scope", new_values."payment_action", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."promise_days", new_values."qty_increments", new_values."release_enabled", new_values."release_mode", new_values."release_policy", new_values."set_in_stock_on_return", new_values."show_availability", new_values."source_selection", new_values."void_and_reauthorize" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7befb0dacaf10325f8181febfbe5ca244fe306d4', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_56655', referencing='REFERENCING NEW TABLE AS new_values ', table='inventory_inventoryconfiguration', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='inventoryconfiguration',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_inventoryconfigurationevent" ("ageing_days", "auto_return_to_stock", "backorders", "bulk_batch_size", "customers_may_cancel", "default_backorder_days", "delay_answer_days", "delay_ask_days", "delay_auto_cancel", "delay_retell_days", "display_out_of_stock", "enable_qty_increments", "future_date_limit", "future_inventory", "id", "manage_stock", "max_cart_qty", "max_sources_per_line", "max_sources_per_release", "min_cart_qty", "no_match_action", "not_available_message", "notify_quantity_below", "only_x_left_threshold", "order_link_days", "out_of_stock_threshold", "partial_match_action", "partial_match_scope", "payment_action", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "promise_days", "qty_increments", "release_enabled", "release_mode", "release_policy", "set_in_stock_on_return", "show_availability", "source_selection", "void_and_reauthorize") SELECT new_values."ageing_days", new_values."auto_return_to_stock", new_values."backorders", new_values."bulk_batch_size", new_values."customers_may_cancel", new_values."default_backorder_days", new_values."delay_answer_days", new_values."delay_ask_days", new_values."delay_auto_cancel", new_values."delay_retell_days", new_values."display_out_of_stock", new_values."enable_qty_increments", new_values."future_date_limit", new_values."future_inventory", new_values."id", new_values."manage_stock", new_values."max_cart_qty", new_values."max_sources_per_line", new_values."max_sources_per_release", new_values."min_cart_qty", new_values."no_match_action", new_values."not_available_message", new_values."notify_quantity_below", new_values."only_x_left_threshold", new_values."order_link_days", new_values."out_of_stock_threshold", new_values."partial_match_action", new_values."partial_match_scope", new_values."payment_action", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."promise_days", new_values."qty_increments", new_values."release_enabled", new_values."release_mode", new_values."release_policy", new_values."set_in_stock_on_return", new_values."show_availability", new_values."source_selection", new_values."void_and_reauthorize" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='70ef5d6889d4676031a4e9449876f7c3329afa21', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_0351e', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='inventory_inventoryconfiguration', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='inventoryconfiguration',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_inventoryconfigurationevent" ("ageing_days", "auto_return_to_stock", "backorders", "bulk_batch_size", "customers_may_cancel", "default_backorder_days", "delay_answer_days", "delay_ask_days", "delay_auto_cancel", "delay_retell_days", "display_out_of_stock", "enable_qty_increments", "future_date_limit", "future_inventory", "id", "manage_stock", "max_cart_qty", "max_sources_per_line", "max_sources_per_release", "min_cart_qty", "no_match_action", "not_available_message", "notify_quantity_below", "only_x_left_threshold", "order_link_days", "out_of_stock_threshold", "partial_match_action", "partial_match_scope", "payment_action", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "promise_days", "qty_increments", "release_enabled", "release_mode", "release_policy", "set_in_stock_on_return", "show_availability", "source_selection", "void_and_reauthorize") SELECT old_values."ageing_days", old_values."auto_return_to_stock", old_values."backorders", old_values."bulk_batch_size", old_values."customers_may_cancel", old_values."default_backorder_days", old_values."delay_answer_days", old_values."delay_ask_days", old_values."delay_auto_cancel", old_values."delay_retell_days", old_values."display_out_of_stock", old_values."enable_qty_increments", old_values."future_date_limit", old_values."future_inventory", old_values."id", old_values."manage_stock", old_values."max_cart_qty", old_values."max_sources_per_line", old_values."max_sources_per_release", old_values."min_cart_qty", old_values."no_match_action", old_values."not_available_message", old_values."notify_quantity_below", old_values."only_x_left_threshold", old_values."order_link_days", old_values."out_of_stock_threshold", old_values."partial_match_action", old_values."partial_match_scope", old_values."payment_action", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."promise_days", old_values."qty_increments", old_values."release_enabled", old_values."release_mode", old_values."release_policy", old_values."set_in_stock_on_return", old_values."show_availability", old_values."source_selection", old_values."void_and_reauthorize" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='570d80418c232cdcbdbc3fc3be2f7cccea352f35', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7a758', referencing='REFERENCING OLD TABLE AS old_values ', table='inventory_inventoryconfiguration', when='AFTER')),
        ),
    ]
