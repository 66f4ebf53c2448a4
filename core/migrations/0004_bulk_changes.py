import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_version'),
        # Names of indexes are taken until the former tables are gone.
        ('inventory', '0004_bulk_changes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    # Roles name the permissions of these models.
    run_before = [('fulfillment', '0002_roles')]

    operations = [
        migrations.CreateModel(
            name='BulkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=32, verbose_name='action')),
                ('values', models.JSONField(default=dict, editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='values')),
                ('summary', models.CharField(max_length=300, verbose_name="summary")),
                ('row_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), editable=False, size=None)),
                ('snapshot', models.CharField(blank=True, editable=False, max_length=64)),
                ('list_address', models.TextField(blank=True, editable=False)),
                ('chosen_count', models.PositiveIntegerField(verbose_name='rows chosen')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='chosen rows done')),
                ('changed_count', models.PositiveIntegerField(default=0, verbose_name='rows changed')),
                ('unchanged_count', models.PositiveIntegerField(default=0, verbose_name="rows unchanged")),
                ('refused_count', models.PositiveIntegerField(default=0, verbose_name='rows refused')),
                ('entry_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, editable=False, size=None)),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('job', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='bulk_change', to='core.job', verbose_name='background job')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
            ],
            options={
                'verbose_name': 'bulk change',
                'verbose_name_plural': 'bulk changes',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='BulkRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), size=None, verbose_name='row')),
                ('message', models.TextField(verbose_name='message')),
                ('values', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='values')),
                ('shifts', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="preview")),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='core.bulkchange', verbose_name='bulk change')),
            ],
            options={
                'verbose_name': 'refused row',
                'verbose_name_plural': 'refused rows',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PreviewSnapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True, verbose_name='name')),
                ('content', models.BinaryField()),
                ('shown_at', models.DateTimeField(verbose_name='shown at')),
            ],
            options={
                'verbose_name': 'snapshot of a preview',
                'verbose_name_plural': 'snapshots of previews',
                'ordering': ['pk'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['shown_at'], name='preview_snapshot_shown_at')],
            },
        ),
        migrations.AddConstraint(
            model_name='bulkchange',
            constraint=models.CheckConstraint(condition=models.Q(('position__lte', models.F('chosen_count'))), name='bulk_change_position_within_chosen', violation_error_message="At most the selected rows are changed."),
        ),
    ]
