from django.db import migrations, models
import django.core.serializers.json
import django.db.models.deletion


class Migration(migrations.Migration):
    dependencies = [('core', '0002_skipped_jobs'), ('fulfillment', '0003_schedules')]

    # A run's number becomes its job's: the tables are made again, empty.
    operations = [
        migrations.DeleteModel('ReleaseDecision'),
        migrations.DeleteModel('ReleaseRun'),
        migrations.CreateModel(
            name='ReleaseRun',
            fields=[
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='core.job', verbose_name='job')),
                ('trigger', models.CharField(choices=[('SCHEDULE', 'Schedule'), ('STAFF', 'Staff'), ('API', 'API'), ('COMMAND', 'Command'), ('ARRIVAL', 'Arrival')], max_length=16, verbose_name='trigger')),
                ('is_dry_run', models.BooleanField(default=False, verbose_name='dry run')),
                ('reason', models.CharField(blank=True, help_text='Why somebody asked for it.', max_length=500, verbose_name='reason')),
                ('scope', models.JSONField(blank=True, default=dict, help_text="The limits of the run. Empty means all shipments.", verbose_name='scope')),
                ('settings_in_force', models.JSONField(blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='settings in force')),
                ('released_count', models.PositiveIntegerField(default=0, verbose_name='released')),
                ('split_count', models.PositiveIntegerField(default=0, verbose_name='split')),
                ('future_count', models.PositiveIntegerField(default=0, verbose_name='promised from future supply')),
                ('waiting_count', models.PositiveIntegerField(default=0, verbose_name='waiting')),
                ('failed_count', models.PositiveIntegerField(default=0, verbose_name='failed')),
                ('message_code', models.CharField(blank=True, choices=[('RELEASE_OFF', 'Release Backorders is off.'), ('ANOTHER_RUN', 'Another run was going on.'), ('INVALID_FILTER', 'The filter “%(filter)s” is not understood, in: %(names)s'), ('UNKNOWN_FILTER', 'There is no filter “%(names)s”. There are: %(known)s'), ('CANCELED', 'Canceled while it ran.'), ('WORKER_STOPPED', ("It was interrupted. Its saved work stays, and a later run does the "
"rest.")), ('GIVEN_UP', ("It was interrupted at each of %(attempts)s attempts. It is not "
"started again.")), ('ERROR', 'An error ended it: %(error)s'), ('COMPARING', "Comparing with the dry run. Nothing is written yet."), ('APPLYING', "Applying all decisions of the dry run, or none."), ('DRIFTED', "Stock or orders have changed since the dry run. Nothing was applied."), ('STILL_HELD', "Unchanged decisions were applied. The others were skipped."), ('NOT_APPLIED', 'Canceled: nothing was applied.')], max_length=24, verbose_name="message's code")),
                ('message_values', models.JSONField(blank=True, default=dict, verbose_name="message's values")),
                ('drift', models.JSONField(blank=True, default=list, help_text="The first shipments whose outcome differs from the dry run.", verbose_name='drift')),
                ('replaces', models.ForeignKey(help_text="The interrupted run that this run continues.", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='fulfillment.releaserun', verbose_name='replaces')),
            ],
            options={
                'verbose_name': 'release run',
                'verbose_name_plural': 'release runs',
                'ordering': ['-pk'],
            },
            bases=('core.job',),
        ),
        migrations.CreateModel(
            name='ReleaseDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='fulfillment.releaserun', verbose_name='run')),
                ('shipment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='fulfillment.shipment', verbose_name='shipment')),
                ('position', models.PositiveIntegerField(verbose_name='position in the queue')),
                ('outcome', models.CharField(choices=[('RELEASED', 'Released'), ('PARTLY_RELEASED', 'Partly released'), ('WAITING', 'Waiting'), ('FAILED', 'Failed')], max_length=16, verbose_name='outcome')),
                ('detail', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='detail')),
                ('explains_wait', models.BooleanField(db_default=False, default=False, help_text=("Not set for dry runs, or for decisions made before the shipment "
"last returned to the queue."), verbose_name="gives the reason")),
            ],
            options={
                'verbose_name': 'release decision',
                'verbose_name_plural': 'release decisions',
                'ordering': ['run', 'position', 'pk'],
                'indexes': [models.Index(fields=['shipment', '-id'], name='release_decision_latest'), models.Index(condition=models.Q(('explains_wait', True)), fields=['shipment', '-id'], name='release_decision_explaining')],
                'constraints': [models.UniqueConstraint(fields=('run', 'shipment'), name='release_decision_once')],
            },
        ),
    ]
