"""Sources have opening hours, which customers who collect read."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0004_transfers_on_their_way'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='source',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='source',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='source',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='source',
            name='opening_hours',
            field=models.CharField(blank=True, db_default='', help_text='Customers who collect read this in e-mails, for example Mon–Fri 10–18.', max_length=300, verbose_name='opening hours'),
        ),
        migrations.AddField(
            model_name='sourceevent',
            name='opening_hours',
            field=models.CharField(blank=True, db_default='', help_text='Customers who collect read this in e-mails, for example Mon–Fri 10–18.', max_length=300, verbose_name='opening hours'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_sourceevent" ("city", "closed_days", "code", "contact_name", "country", "cut_off_time", "description", "email", "id", "is_closed_on_holidays", "is_enabled", "is_pickup_location", "latitude", "lead_time_days", "longitude", "name", "opening_hours", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "region", "ships_to_home", "street", "work_days") SELECT new_values."city", new_values."closed_days", new_values."code", new_values."contact_name", new_values."country", new_values."cut_off_time", new_values."description", new_values."email", new_values."id", new_values."is_closed_on_holidays", new_values."is_enabled", new_values."is_pickup_location", new_values."latitude", new_values."lead_time_days", new_values."longitude", new_values."name", new_values."opening_hours", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."postcode", new_values."region", new_values."ships_to_home", new_values."street", new_values."work_days" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f4ba1ae855e33b877d2defa31f12e8a526d14b25', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_76008', referencing='REFERENCING NEW TABLE AS new_values ', table='inventory_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_sourceevent" ("city", "closed_days", "code", "contact_name", "country", "cut_off_time", "description", "email", "id", "is_closed_on_holidays", "is_enabled", "is_pickup_location", "latitude", "lead_time_days", "longitude", "name", "opening_hours", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "region", "ships_to_home", "street", "work_days") SELECT new_values."city", new_values."closed_days", new_values."code", new_values."contact_name", new_values."country", new_values."cut_off_time", new_values."description", new_values."email", new_values."id", new_values."is_closed_on_holidays", new_values."is_enabled", new_values."is_pickup_location", new_values."latitude", new_values."lead_time_days", new_values."longitude", new_values."name", new_values."opening_hours", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."postcode", new_values."region", new_values."ships_to_home", new_values."street", new_values."work_days" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a91d7927f27ff5971d3cc47a9b74548b32b7dc0a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_b3941', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='inventory_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_sourceevent" ("city", "closed_days", "code", "contact_name", "country", "cut_off_time", "description", "email", "id", "is_closed_on_holidays", "is_enabled", "is_pickup_location", "latitude", "lead_time_days", "longitude", "name", "opening_hours", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "region", "ships_to_home", "street", "work_days") SELECT old_values."city", old_values."closed_days", old_values."code", old_values."contact_name", old_values."country", old_values."cut_off_time", old_values."description", old_values."email", old_values."id", old_values."is_closed_on_holidays", old_values."is_enabled", old_values."is_pickup_location", old_values."latitude", old_values."lead_time_days", old_values."longitude", old_values."name", old_values."opening_hours", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."postcode", old_values."region", old_values."ships_to_home", old_values."street", old_values."work_days" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='31722a4b15df6addf8d4c371142bed4cdfb116c6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b6105', referencing='REFERENCING OLD TABLE AS old_values ', table='inventory_source', when='AFTER')),
        ),
    ]
