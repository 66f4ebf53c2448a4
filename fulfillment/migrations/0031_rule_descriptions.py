import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0030_packing_slips'),
        ('inventory', '0022_undo_shipping_options'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='waitingrule',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='waitingrule',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='waitingrule',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='waitingrule',
            name='waiting_rule_action_has_its_values',
        ),
        migrations.AddField(
            model_name='waitingrule',
            name='description',
            field=models.TextField(blank=True, db_default='', max_length=500, verbose_name='description'),
        ),
        migrations.AddField(
            model_name='waitingruleevent',
            name='description',
            field=models.TextField(blank=True, db_default='', max_length=500, verbose_name='description'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='waitingrule',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fulfillment_waitingruleevent" ("action", "age_days_min", "assignee_id", "channel_id", "description", "expires_within_days", "has_unanswered_request", "id", "is_enabled", "method", "missed_promises_min", "name", "overdue_days_min", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "priority", "product_id", "raise_by", "raise_up_to", "reason", "recipients", "repeat_days", "source_id", "state", "stock_id", "value_min") SELECT new_values."action", new_values."age_days_min", new_values."assignee_id", new_values."channel_id", new_values."description", new_values."expires_within_days", new_values."has_unanswered_request", new_values."id", new_values."is_enabled", new_values."method", new_values."missed_promises_min", new_values."name", new_values."overdue_days_min", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."position", new_values."priority", new_values."product_id", new_values."raise_by", new_values."raise_up_to", new_values."reason", new_values."recipients", new_values."repeat_days", new_values."source_id", new_values."state", new_values."stock_id", new_values."value_min" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c73eae7bf9774d4b241186b8a326317873217f7b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8ec1b', referencing='REFERENCING NEW TABLE AS new_values ', table='fulfillment_waitingrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='waitingrule',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."action" IS DISTINCT FROM (NEW."action") OR OLD."age_days_min" IS DISTINCT FROM (NEW."age_days_min") OR OLD."assignee_id" IS DISTINCT FROM (NEW."assignee_id") OR OLD."channel_id" IS DISTINCT FROM (NEW."channel_id") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."expires_within_days" IS DISTINCT FROM (NEW."expires_within_days") OR OLD."has_unanswered_request" IS DISTINCT FROM (NEW."has_unanswered_request") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_enabled" IS DISTINCT FROM (NEW."is_enabled") OR OLD."method" IS DISTINCT FROM (NEW."method") OR OLD."missed_promises_min" IS DISTINCT FROM (NEW."missed_promises_min") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."overdue_days_min" IS DISTINCT FROM (NEW."overdue_days_min") OR OLD."position" IS DISTINCT FROM (NEW."position") OR OLD."priority" IS DISTINCT FROM (NEW."priority") OR OLD."product_id" IS DISTINCT FROM (NEW."product_id") OR OLD."raise_by" IS DISTINCT FROM (NEW."raise_by") OR OLD."raise_up_to" IS DISTINCT FROM (NEW."raise_up_to") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."recipients" IS DISTINCT FROM (NEW."recipients") OR OLD."repeat_days" IS DISTINCT FROM (NEW."repeat_days") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."stock_id" IS DISTINCT FROM (NEW."stock_id") OR OLD."value_min" IS DISTINCT FROM (NEW."value_min"))', func='INSERT INTO "fulfillment_waitingruleevent" ("action", "age_days_min", "assignee_id", "channel_id", "description", "expires_within_days", "has_unanswered_request", "id", "is_enabled", "method", "missed_promises_min", "name", "overdue_days_min", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "priority", "product_id", "raise_by", "raise_up_to", "reason", "recipients", "repeat_days", "source_id", "state", "stock_id", "value_min") VALUES (NEW."action", NEW."age_days_min", NEW."assignee_id", NEW."channel_id", NEW."description", NEW."expires_within_days", NEW."has_unanswered_request", NEW."id", NEW."is_enabled", NEW."method", NEW."missed_promises_min", NEW."name", NEW."overdue_days_min", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."priority", NEW."product_id", NEW."raise_by", NEW."raise_up_to", NEW."reason", NEW."recipients", NEW."repeat_days", NEW."source_id", NEW."state", NEW."stock_id", NEW."value_min"); RETURN NULL;', hash='307151781f27d38095883612238b50c69d61a7c8', operation='UPDATE', pgid='pgtrigger_update_update_ceb3f', table='fulfillment_waitingrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='waitingrule',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fulfillment_waitingruleevent" ("action", "age_days_min", "assignee_id", "channel_id", "description", "expires_within_days", "has_unanswered_request", "id", "is_enabled", "method", "missed_promises_min", "name", "overdue_days_min", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "priority", "product_id", "raise_by", "raise_up_to", "reason", "recipients", "repeat_days", "source_id", "state", "stock_id", "value_min") SELECT old_values."action", old_values."age_days_min", old_values."assignee_id", old_values."channel_id", old_values."description", old_values."expires_within_days", old_values."has_unanswered_request", old_values."id", old_values."is_enabled", old_values."method", old_values."missed_promises_min", old_values."name", old_values."overdue_days_min", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."position", old_values."priority", old_values."product_id", old_values."raise_by", old_values."raise_up_to", old_values."reason", old_values."recipients", old_values."repeat_days", old_values."source_id", old_values."state", old_values."stock_id", old_values."value_min" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cfc586071df8960e0927d2d39ed39840672aa64e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_baf20', referencing='REFERENCING OLD TABLE AS old_values ', table='fulfillment_waitingrule', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='waitingrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('action', 'RAISE_PRIORITY'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), ('raise_by__isnull', False), ('raise_up_to__isnull', False), ('reason', ''), ('recipients', '')), models.Q(('action', 'SET_PRIORITY'), models.Q(('assignee__isnull', False), _negated=True), ('priority__isnull', False), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'CUSTOMER_CARE'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), models.Q(('reason', ''), _negated=True), ('recipients', '')), models.Q(('action', 'ASSIGN'), models.Q(('assignee__isnull', False), ('is_enabled', False), _connector='OR'), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'HOLD'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'TELL_CUSTOMER'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'EMAIL'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), models.Q(models.Q(('recipients', ''), _negated=True), ('is_enabled', False), _connector='OR')), models.Q(('action', 'CANCEL'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), _connector='OR'), name='waiting_rule_action_has_its_values', violation_error_message='An action has its own values, and no others.'),
        ),
    ]
