"""Add the texts that staff write for e-mails."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0014_delay_emails'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='NoticeText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('CONFIRMATION', 'Order confirmation'), ('EXPECTED_DATE_CHANGED', 'Expected date changed'), ('DELAYED', 'Delay'), ('BEING_PREPARED', 'Being prepared'), ('DISPATCHED', 'Dispatched'), ('READY_TO_COLLECT', 'Ready to collect'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT_NEEDED', 'Payment needed')], max_length=32, verbose_name='kind')),
                ('language', models.CharField(max_length=16, verbose_name='language')),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('text', models.TextField(verbose_name='text')),
            ],
            options={
                'verbose_name': 'e-mail text',
                'verbose_name_plural': 'e-mail texts',
                'ordering': ['kind', 'language'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'language'), name='notice_text_once_per_kind_and_language', violation_error_message='This e-mail has a text in this language already.'), models.CheckConstraint(condition=models.Q(models.Q(('subject', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='notice_text_has_subject_and_text', violation_error_message='An e-mail has a subject and a text.')],
            },
        ),
        migrations.CreateModel(
            name='NoticeTextEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('CONFIRMATION', 'Order confirmation'), ('EXPECTED_DATE_CHANGED', 'Expected date changed'), ('DELAYED', 'Delay'), ('BEING_PREPARED', 'Being prepared'), ('DISPATCHED', 'Dispatched'), ('READY_TO_COLLECT', 'Ready to collect'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('PAYMENT_NEEDED', 'Payment needed')], max_length=32, verbose_name='kind')),
                ('language', models.CharField(max_length=16, verbose_name='language')),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('text', models.TextField(verbose_name='text')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='orders.noticetext')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticetext',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "orders_noticetextevent" ("id", "kind", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject", "text") SELECT new_values."id", new_values."kind", new_values."language", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."subject", new_values."text" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='67410bfc05a03bde5d0ad06da8e3e2747aaf42ab', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4d476', referencing='REFERENCING NEW TABLE AS new_values ', table='orders_noticetext', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticetext',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "orders_noticetextevent" ("id", "kind", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject", "text") SELECT new_values."id", new_values."kind", new_values."language", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."subject", new_values."text" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='49c4e0640e09a0786db5238902c57524baf929f2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_1c655', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='orders_noticetext', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticetext',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "orders_noticetextevent" ("id", "kind", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject", "text") SELECT old_values."id", old_values."kind", old_values."language", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."subject", old_values."text" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c71f0d7e9deb5f3c89df3b5f3f75b289d8928137', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_97d21', referencing='REFERENCING OLD TABLE AS old_values ', table='orders_noticetext', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='noticetextevent',
            index=models.Index(fields=['pgh_created_at', 'pgh_id'], name='noticetext_changes'),
        ),
    ]
