import core.models.columns
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0009_last_visit'),
        ('fulfillment', '0020_waiting_spell'),
        ('inventory', '0019_rule_limit'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleRun',
            fields=[
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='core.job', verbose_name='job')),
                ('trigger', models.CharField(choices=[('SCHEDULE', 'Schedule'), ('STAFF', 'Staff'), ('API', 'API')], max_length=16, verbose_name='trigger')),
            ],
            options={
                'verbose_name': 'rule run',
                'verbose_name_plural': 'rule runs',
                'ordering': ['-pk'],
            },
            bases=('core.job',),
        ),
        migrations.AlterField(
            model_name='shipmentevent',
            name='kind',
            field=models.CharField(choices=[('CREATED', 'Created'), ('RELEASED', 'Released'), ('RELEASED_AHEAD', 'Released ahead of the queue'), ('HELD', 'Held'), ('HOLD_LIFTED', 'Hold lifted'), ('REASSIGNED', 'Reassigned'), ('BACKORDERED', 'Moved to backorder'), ('PROMISED_AGAIN', 'Promised incoming units again'), ('BAR_LIFTED', 'Bar of a source lifted'), ('CUSTOMER_CARE', 'Sent to customer care'), ('PRIORITY_SET', 'Priority set'), ('ASSIGNED', 'Assigned'), ('EXPECTED_DATE_SET', 'Expected date set'), ('SET_ASIDE', 'Set aside for pickup'), ('DELAY_ASKED', 'Customer asked about a delay'), ('DELAY_DECIDED', 'Delay request decided'), ('RULE', 'Rule applied'), ('FULFILLED', 'Fulfilled'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT', 'Payment')], max_length=24, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='RuleStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='rule')),
                ('action', models.CharField(choices=[('RAISE_PRIORITY', 'Raise the priority'), ('SET_PRIORITY', 'Set the priority'), ('CUSTOMER_CARE', 'Send to customer care'), ('ASSIGN', 'Assign to a person'), ('HOLD', 'Hold'), ('TELL_CUSTOMER', 'E-mail the customer again'), ('EMAIL', 'E-mail staff'), ('CANCEL', 'Cancel and refund')], max_length=16, verbose_name='action')),
                ('rule_version', models.BigIntegerField(verbose_name='version of the rule')),
                ('state', models.CharField(choices=[('OPEN', 'Not finished'), ('DONE', 'Done'), ('STOPPED', 'Waits for a confirmation'), ('CONFIRMED', 'Confirmed'), ('LAPSED', 'Replaced by a later run'), ('CHANGED', 'The rule was changed')], default='OPEN', max_length=16, verbose_name='state')),
                ('found_count', models.PositiveIntegerField(default=0, verbose_name='shipments found')),
                ('acted_count', models.PositiveIntegerField(default=0, verbose_name='shipments changed')),
                ('shipment_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed at')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='fulfillment.rulerun', verbose_name='rule run')),
            ],
            options={
                'verbose_name': 'rule of a run',
                'verbose_name_plural': 'rules of a run',
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='rulerun',
            name='confirms',
            field=models.ForeignKey(help_text='The rule that stopped and asked, whose shipments this run acts on.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='fulfillment.rulestep', verbose_name='confirms'),
        ),
        migrations.CreateModel(
            name='WaitingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.BigIntegerField(db_default=models.Func(models.Value('core_version'), function='nextval'), editable=False, verbose_name='version')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('position', models.PositiveIntegerField(default=100, help_text='Rules with a lower position act first.', verbose_name='position')),
                ('is_enabled', models.BooleanField(default=False, verbose_name='enabled')),
                ('age_days_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='age in days, at least')),
                ('overdue_days_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='days after the agreed date, at least')),
                ('missed_promises_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='missed promises, at least')),
                ('value_min', core.models.columns.MoneyColumn(blank=True, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='value, at least')),
                ('state', models.CharField(blank=True, choices=[('BACKORDER', 'Backorder'), ('FUTURE', 'Future'), ('CUSTOMER_CARE', 'Customer care')], max_length=16, verbose_name='state')),
                ('method', models.CharField(blank=True, choices=[('SHIP_TO_HOME', 'Ship to home'), ('PICKUP', 'Pickup')], max_length=16, verbose_name='fulfillment method')),
                ('has_unanswered_request', models.BooleanField(blank=True, null=True, verbose_name='customer was asked about a delay and did not answer')),
                ('expires_within_days', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='authorization expires within days')),
                ('action', models.CharField(choices=[('RAISE_PRIORITY', 'Raise the priority'), ('SET_PRIORITY', 'Set the priority'), ('CUSTOMER_CARE', 'Send to customer care'), ('ASSIGN', 'Assign to a person'), ('HOLD', 'Hold'), ('TELL_CUSTOMER', 'E-mail the customer again'), ('EMAIL', 'E-mail staff'), ('CANCEL', 'Cancel and refund')], max_length=16, verbose_name='action')),
                ('raise_by', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)], verbose_name='raise the priority by')),
                ('raise_up_to', models.IntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-1000000), django.core.validators.MaxValueValidator(1000000)], verbose_name='raise up to')),
                ('priority', models.IntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-1000000), django.core.validators.MaxValueValidator(1000000)], verbose_name='priority')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='customer care reason')),
                ('recipients', models.TextField(blank=True, help_text='One or several, separated by commas.', max_length=2000, verbose_name='e-mail addresses of staff')),
                ('repeat_days', models.PositiveIntegerField(blank=True, help_text='Empty: the rule acts once on a shipment, until the shipment is ready and waits again.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='act again after days')),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assign to')),
                ('channel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.saleschannel', verbose_name='sales channel')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.product', verbose_name='product')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.source', verbose_name='source')),
                ('stock', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.stock', verbose_name='stock')),
            ],
            options={
                'verbose_name': 'rule',
                'verbose_name_plural': 'rules',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='rulestep',
            name='rule',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='steps', to='fulfillment.waitingrule', verbose_name='rule'),
        ),
        migrations.CreateModel(
            name='WaitingRuleEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('position', models.PositiveIntegerField(default=100, help_text='Rules with a lower position act first.', verbose_name='position')),
                ('is_enabled', models.BooleanField(default=False, verbose_name='enabled')),
                ('age_days_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='age in days, at least')),
                ('overdue_days_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='days after the agreed date, at least')),
                ('missed_promises_min', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='missed promises, at least')),
                ('value_min', core.models.columns.MoneyColumn(blank=True, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='value, at least')),
                ('state', models.CharField(blank=True, choices=[('BACKORDER', 'Backorder'), ('FUTURE', 'Future'), ('CUSTOMER_CARE', 'Customer care')], max_length=16, verbose_name='state')),
                ('method', models.CharField(blank=True, choices=[('SHIP_TO_HOME', 'Ship to home'), ('PICKUP', 'Pickup')], max_length=16, verbose_name='fulfillment method')),
                ('has_unanswered_request', models.BooleanField(blank=True, null=True, verbose_name='customer was asked about a delay and did not answer')),
                ('expires_within_days', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(3650)], verbose_name='authorization expires within days')),
                ('action', models.CharField(choices=[('RAISE_PRIORITY', 'Raise the priority'), ('SET_PRIORITY', 'Set the priority'), ('CUSTOMER_CARE', 'Send to customer care'), ('ASSIGN', 'Assign to a person'), ('HOLD', 'Hold'), ('TELL_CUSTOMER', 'E-mail the customer again'), ('EMAIL', 'E-mail staff'), ('CANCEL', 'Cancel and refund')], max_length=16, verbose_name='action')),
                ('raise_by', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)], verbose_name='raise the priority by')),
                ('raise_up_to', models.IntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-1000000), django.core.validators.MaxValueValidator(1000000)], verbose_name='raise up to')),
                ('priority', models.IntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-1000000), django.core.validators.MaxValueValidator(1000000)], verbose_name='priority')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='customer care reason')),
                ('recipients', models.TextField(blank=True, help_text='One or several, separated by commas.', max_length=2000, verbose_name='e-mail addresses of staff')),
                ('repeat_days', models.PositiveIntegerField(blank=True, help_text='Empty: the rule acts once on a shipment, until the shipment is ready and waits again.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='act again after days')),
                ('assignee', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assign to')),
                ('channel', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.saleschannel', verbose_name='sales channel')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='fulfillment.waitingrule')),
                ('product', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.product', verbose_name='product')),
                ('source', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.source', verbose_name='source')),
                ('stock', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.stock', verbose_name='stock')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RuleEmail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.EmailField(max_length=254, verbose_name='recipient')),
                ('subject', models.CharField(blank=True, max_length=300, verbose_name='subject')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('state', models.CharField(choices=[('QUEUED', 'Queued'), ('SENDING', 'Being sent'), ('SENT', 'Sent'), ('FAILED', 'Failed'), ('UNKNOWN', 'Outcome unknown'), ('LEFT_OUT', 'Left out')], default='QUEUED', max_length=16, verbose_name='state')),
                ('attempt_count', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('last_error', models.CharField(blank=True, max_length=500, verbose_name='last error')),
                ('next_attempt_at', models.DateTimeField(verbose_name='next attempt at')),
                ('claimed_at', models.DateTimeField(blank=True, null=True, verbose_name='last attempt at')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='emails', to='fulfillment.rulestep', verbose_name='rule of a run')),
            ],
            options={
                'verbose_name': 'rule e-mail',
                'verbose_name_plural': 'rule e-mails',
                'ordering': ['-pk'],
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('state', 'QUEUED')), fields=['next_attempt_at', 'id'], name='ruleemail_due'), models.Index(condition=models.Q(('state', 'SENDING')), fields=['claimed_at'], name='ruleemail_sending'), models.Index(condition=models.Q(('state__in', ['FAILED', 'UNKNOWN'])), fields=['id'], name='ruleemail_troubled')],
                'constraints': [models.UniqueConstraint(fields=('step', 'recipient'), name='rule_email_once_a_run', violation_error_message='This digest of the run is there already.'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'SENT')), models.Q(models.Q(('state', 'SENT'), _negated=True), ('sent_at', None)), _connector='OR'), name='rule_email_sent_with_a_time', violation_error_message='A digest that was sent has the time it was.')],
            },
        ),
        migrations.CreateModel(
            name='RuleAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(verbose_name='time')),
                ('shipment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fulfillment.shipment', verbose_name='shipment')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acts', to='fulfillment.rulestep', verbose_name='rule of a run')),
            ],
            options={
                'verbose_name': 'act of a rule',
                'verbose_name_plural': 'acts of rules',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('step', 'shipment'), name='rule_act_once_a_run', violation_error_message='The rule acted on this shipment in this run.')],
            },
        ),
        migrations.AddConstraint(
            model_name='waitingrule',
            constraint=models.CheckConstraint(condition=models.Q(('age_days_min__isnull', False), ('overdue_days_min__isnull', False), ('missed_promises_min__isnull', False), ('value_min__isnull', False), models.Q(('state', ''), _negated=True), ('channel__isnull', False), ('stock__isnull', False), ('source__isnull', False), ('product__isnull', False), models.Q(('method', ''), _negated=True), ('has_unanswered_request__isnull', False), ('expires_within_days__isnull', False), _connector='OR'), name='waiting_rule_has_a_condition', violation_error_message='A rule needs at least one condition.'),
        ),
        migrations.AddConstraint(
            model_name='waitingrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('action', 'RAISE_PRIORITY'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), ('raise_by__isnull', False), ('raise_up_to__isnull', False), ('reason', ''), ('recipients', '')), models.Q(('action', 'SET_PRIORITY'), models.Q(('assignee__isnull', False), _negated=True), ('priority__isnull', False), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'CUSTOMER_CARE'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), models.Q(('reason', ''), _negated=True), ('recipients', '')), models.Q(('action', 'ASSIGN'), ('assignee__isnull', False), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'HOLD'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'TELL_CUSTOMER'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), models.Q(('action', 'EMAIL'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), models.Q(('recipients', ''), _negated=True)), models.Q(('action', 'CANCEL'), models.Q(('assignee__isnull', False), _negated=True), models.Q(('priority__isnull', False), _negated=True), models.Q(('raise_by__isnull', False), _negated=True), models.Q(('raise_up_to__isnull', False), _negated=True), ('reason', ''), ('recipients', '')), _connector='OR'), name='waiting_rule_action_has_its_values', violation_error_message='An action has its own values, and no others.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='waitingrule',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fulfillment_waitingruleevent" ("action", "age_days_min", "assignee_id", "channel_id", "expires_within_days", "has_unanswered_request", "id", "is_enabled", "method", "missed_promises_min", "name", "overdue_days_min", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "priority", "product_id", "raise_by", "raise_up_to", "reason", "recipients", "repeat_days", "source_id", "state", "stock_id", "value_min") SELECT new_values."action", new_values."age_days_min", new_values."assignee_id", new_values."channel_id", new_values."expires_within_days", new_values."has_unanswered_request", new_values."id", new_values."is_enabled", new_values."method", new_values."missed_promises_min", new_values."name", new_values."overdue_days_min", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."position", new_values."priority", new_values."product_id", new_values."raise_by", new_values."raise_up_to", new_values."reason", new_values."recipients", new_values."repeat_days", new_values."source_id", new_values."state", new_values."stock_id", new_values."value_min" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2ea39157c67962be4ef16524a3f405311c444b61', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8ec1b', referencing='REFERENCING NEW TABLE AS new_values ', table='fulfillment_waitingrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='waitingrule',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."action" IS DISTINCT FROM (NEW."action") OR OLD."age_days_min" IS DISTINCT FROM (NEW."age_days_min") OR OLD."assignee_id" IS DISTINCT FROM (NEW."assignee_id") OR OLD."channel_id" IS DISTINCT FROM (NEW."channel_id") OR OLD."expires_within_days" IS DISTINCT FROM (NEW."expires_within_days") OR OLD."has_unanswered_request" IS DISTINCT FROM (NEW."has_unanswered_request") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_enabled" IS DISTINCT FROM (NEW."is_enabled") OR OLD."method" IS DISTINCT FROM (NEW."method") OR OLD."missed_promises_min" IS DISTINCT FROM (NEW."missed_promises_min") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."overdue_days_min" IS DISTINCT FROM (NEW."overdue_days_min") OR OLD."position" IS DISTINCT FROM (NEW."position") OR OLD."priority" IS DISTINCT FROM (NEW."priority") OR OLD."product_id" IS DISTINCT FROM (NEW."product_id") OR OLD."raise_by" IS DISTINCT FROM (NEW."raise_by") OR OLD."raise_up_to" IS DISTINCT FROM (NEW."raise_up_to") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."recipients" IS DISTINCT FROM (NEW."recipients") OR OLD."repeat_days" IS DISTINCT FROM (NEW."repeat_days") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."stock_id" IS DISTINCT FROM (NEW."stock_id") OR OLD."value_min" IS DISTINCT FROM (NEW."value_min"))', func='INSERT INTO "fulfillment_waitingruleevent" ("action", "age_days_min", "assignee_id", "channel_id", "expires_within_days", "has_unanswered_request", "id", "is_enabled", "method", "missed_promises_min", "name", "overdue_days_min", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "priority", "product_id", "raise_by", "raise_up_to", "reason", "recipients", "repeat_days", "source_id", "state", "stock_id", "value_min") VALUES (NEW."action", NEW."age_days_min", NEW."assignee_id", NEW."channel_id", NEW."expires_within_days", NEW."has_unanswered_request", NEW."id", NEW."is_enabled", NEW."method", NEW."missed_promises_min", NEW."name", NEW."overdue_days_min", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."priority", NEW."product_id", NEW."raise_by", NEW."raise_up_to", NEW."reason", NEW."recipients", NEW."repeat_days", NEW."source_id", NEW."state", NEW."stock_id", NEW."value_min"); RETURN NULL;', hash='fc81e5b69bb90ce9046372d55418ecea625bcfbb', operation='UPDATE', pgid='pgtrigger_update_update_ceb3f', table='fulfillment_waitingrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='waitingrule',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "fulfillment_waitingruleevent" ("action", "age_days_min", "assignee_id", "channel_id", "expires_within_days", "has_unanswered_request", "id", "is_enabled", "method", "missed_promises_min", "name", "overdue_days_min", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "priority", "product_id", "raise_by", "raise_up_to", "reason", "recipients", "repeat_days", "source_id", "state", "stock_id", "value_min") SELECT old_values."action", old_values."age_days_min", old_values."assignee_id", old_values."channel_id", old_values."expires_within_days", old_values."has_unanswered_request", old_values."id", old_values."is_enabled", old_values."method", old_values."missed_promises_min", old_values."name", old_values."overdue_days_min", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."position", old_values."priority", old_values."product_id", old_values."raise_by", old_values."raise_up_to", old_values."reason", old_values."recipients", old_values."repeat_days", old_values."source_id", old_values."state", old_values."stock_id", old_values."value_min" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='5936a009d9cc0e8f78f2c48d70fbc860de3346c0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_baf20', referencing='REFERENCING OLD TABLE AS old_values ', table='fulfillment_waitingrule', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='rulestep',
            index=models.Index(condition=models.Q(('state', 'STOPPED')), fields=['rule'], name='rule_step_stopped'),
        ),
        migrations.AddConstraint(
            model_name='rulestep',
            constraint=models.UniqueConstraint(fields=('run', 'rule'), name='rule_step_once_a_run', violation_error_message='A run performs each rule once.'),
        ),
        migrations.AddConstraint(
            model_name='rulestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('state', 'CONFIRMED')), models.Q(models.Q(('state', 'CONFIRMED'), _negated=True), ('confirmed_at', None)), _connector='OR'), name='rule_step_confirmed_knows_when', violation_error_message='A confirmed step knows since when.'),
        ),
        migrations.AddIndex(
            model_name='waitingruleevent',
            index=models.Index(fields=['pgh_created_at', 'pgh_id'], name='waitingrule_changes'),
        ),
        migrations.RunSQL(
            sql="""
                CREATE TRIGGER version BEFORE UPDATE ON fulfillment_waitingrule
                FOR EACH ROW EXECUTE FUNCTION core_next_version()
            """,
            reverse_sql="DROP TRIGGER version ON fulfillment_waitingrule",
        ),
    ]
