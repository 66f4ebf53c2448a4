import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Says which program uses the key.', max_length=100, verbose_name='name')),
                ('prefix', models.CharField(editable=False, max_length=16, verbose_name='begins with')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(editable=False, verbose_name='created at')),
                ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last used at')),
                ('expires_at', models.DateTimeField(blank=True, help_text='Leave empty for a key that stays.', null=True, verbose_name='expires at')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked at')),
                ('user', models.ForeignKey(help_text='The key may do what this user may do.', on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'API key',
                'verbose_name_plural': 'API keys',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='IdempotentAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200, verbose_name='idempotency key')),
                ('fingerprint', models.CharField(max_length=64)),
                ('status_code', models.PositiveSmallIntegerField(default=0, verbose_name='status')),
                ('body', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='body')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'idempotent answer',
                'verbose_name_plural': 'idempotent answers',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='idempotent_answer_once_per_key', violation_error_message='This key was used already.')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=64, verbose_name='kind')),
                ('parameters', models.JSONField(default=dict, editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='parameters')),
                ('state', models.CharField(choices=[('QUEUED', 'Waiting for a worker'), ('RUNNING', 'Running'), ('COMPLETED', 'Completed'), ('FAILED', 'Failed'), ('CANCELED', 'Canceled')], default='QUEUED', max_length=16, verbose_name='state')),
                ('total_count', models.PositiveIntegerField(default=0, verbose_name='rows in all')),
                ('done_count', models.PositiveIntegerField(default=0, verbose_name='rows done')),
                ('message', models.TextField(blank=True, verbose_name='message')),
                ('result', models.JSONField(default=dict, editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='result')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('started_at', models.DateTimeField(null=True, verbose_name='started at')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('heartbeat_at', models.DateTimeField(help_text="Time of the last progress report.", null=True, verbose_name="last progress report")),
                ('attempt_count', models.PositiveSmallIntegerField(default=0, help_text="Number of attempts.", verbose_name='attempts')),
                ('is_cancel_requested', models.BooleanField(default=False, verbose_name='asked to stop')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
            ],
            options={
                'verbose_name': 'background job',
                'verbose_name_plural': 'background jobs',
                'ordering': ['-pk'],
                'indexes': [models.Index(models.F('state'), models.F('id'), condition=models.Q(('state__in', ['QUEUED', 'RUNNING'])), name='job_unfinished')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ['QUEUED', 'RUNNING'])), models.Q(models.Q(('state__in', ['QUEUED', 'RUNNING']), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='job_finished_has_its_time', violation_error_message='A finished job has the time when it finished.'), models.CheckConstraint(condition=models.Q(('done_count__lte', models.F('total_count'))), name='job_done_within_total', violation_error_message="At most all rows are done.")],
            },
        ),
    ]
