"""The tables of the framework, and the versions of all tables' rows."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('auth', '__first__'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        # The versions of all tables: one sequence, and the function of their triggers.
        migrations.RunSQL(
            sql="CREATE SEQUENCE core_version", reverse_sql="DROP SEQUENCE core_version"
        ),
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION core_next_version() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    NEW.version := nextval('core_version');
                    RETURN NEW;
                END
                $$
            """,
            reverse_sql="DROP FUNCTION core_next_version()",
        ),
        migrations.CreateModel(
            name='LastVisit',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='last_visit', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('at', models.DateTimeField(verbose_name='last seen')),
            ],
            options={
                'verbose_name': 'last seen',
                'verbose_name_plural': 'last seen',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PersonLanguage',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('language', models.CharField(max_length=16, verbose_name='language')),
            ],
            options={
                'verbose_name': 'language of a person',
                'verbose_name_plural': 'languages of people',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='TrackedUserPermission',
            fields=[
            ],
            options={
                'verbose_name': 'permission of a user',
                'proxy': True,
                'default_permissions': (),
            },
            bases=('auth.user_user_permissions',),
        ),
        migrations.CreateModel(
            name='TrackedUser',
            fields=[
            ],
            options={
                'verbose_name': 'user',
                'proxy': True,
                'default_permissions': (),
            },
            bases=('auth.user',),
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='TrackedMembership',
            fields=[
            ],
            options={
                'verbose_name': 'group of a user',
                'proxy': True,
                'default_permissions': (),
            },
            bases=('auth.user_groups',),
        ),
        migrations.CreateModel(
            name='TrackedGroupPermission',
            fields=[
            ],
            options={
                'verbose_name': 'permission of a group',
                'proxy': True,
                'default_permissions': (),
            },
            bases=('auth.group_permissions',),
        ),
        migrations.CreateModel(
            name='TrackedGroup',
            fields=[
            ],
            options={
                'verbose_name': 'group',
                'proxy': True,
                'default_permissions': (),
            },
            bases=('auth.group',),
            managers=[
                ('objects', django.contrib.auth.models.GroupManager()),
            ],
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(help_text='The key may do what this user may do.', on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('name', models.CharField(help_text='Says which program uses the key.', max_length=100, verbose_name='name')),
                ('prefix', models.CharField(editable=False, max_length=16, verbose_name='begins with')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(editable=False, verbose_name='created at')),
                ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last used at')),
                ('expires_at', models.DateTimeField(blank=True, help_text='Leave empty for a key that stays.', null=True, verbose_name='expires at')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked at')),
            ],
            options={
                'verbose_name': 'API key',
                'verbose_name_plural': 'API keys',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='ColumnChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list_name', models.CharField(max_length=80, verbose_name='list')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('columns', models.JSONField(default=list, verbose_name='columns')),
            ],
            options={
                'verbose_name': 'columns of a list',
                'verbose_name_plural': 'columns of lists',
                'ordering': ['list_name', 'user'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('list_name', 'user'), name='chosen_columns_once_per_list_and_user', violation_error_message='The columns of this list were chosen already.')],
            },
        ),
        migrations.CreateModel(
            name='IdempotentAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('key', models.CharField(max_length=200, verbose_name='idempotency key')),
                ('fingerprint', models.CharField(max_length=64)),
                ('status_code', models.PositiveSmallIntegerField(default=0, verbose_name='status')),
                ('body', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='body')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
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
                ('state', models.CharField(choices=[('QUEUED', 'Queued'), ('RUNNING', 'Running'), ('COMPLETED', 'Completed'), ('FAILED', 'Failed'), ('CANCELED', 'Canceled'), ('SKIPPED', 'Skipped')], default='QUEUED', max_length=16, verbose_name='state')),
                ('total_count', models.PositiveIntegerField(default=0, verbose_name='rows in all')),
                ('done_count', models.PositiveIntegerField(default=0, verbose_name='rows done')),
                ('message', models.TextField(blank=True, verbose_name='message')),
                ('result', models.JSONField(default=dict, editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='result')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('started_at', models.DateTimeField(null=True, verbose_name='started at')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('heartbeat_at', models.DateTimeField(help_text='Time of the last progress report.', null=True, verbose_name='last progress report')),
                ('attempt_count', models.PositiveSmallIntegerField(default=0, help_text='Number of attempts.', verbose_name='attempts')),
                ('is_cancel_requested', models.BooleanField(default=False, verbose_name='asked to stop')),
            ],
            options={
                'verbose_name': 'background job',
                'verbose_name_plural': 'background jobs',
                'ordering': ['-pk'],
                'indexes': [models.Index(models.F('state'), models.F('id'), condition=models.Q(('state__in', ['QUEUED', 'RUNNING'])), name='job_unfinished'), models.Index(condition=models.Q(('state', 'FAILED')), fields=['-finished_at', '-id'], name='job_failed')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ['QUEUED', 'RUNNING'])), models.Q(models.Q(('state__in', ['QUEUED', 'RUNNING']), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='job_finished_has_its_time', violation_error_message='A finished job has the time when it finished.'), models.CheckConstraint(condition=models.Q(('done_count__lte', models.F('total_count'))), name='job_done_within_total', violation_error_message='At most all rows are done.')],
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
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list_name', models.CharField(max_length=80, verbose_name='list')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('is_shared', models.BooleanField(default=False, help_text='Everybody who may open the list sees it.', verbose_name='shared')),
                ('querystring', models.TextField(blank=True, verbose_name='filter and order')),
                ('columns', models.JSONField(blank=True, default=list, verbose_name='columns')),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
                'ordering': ['list_name', 'name', 'pk'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('list_name', 'owner', 'name'), name='saved_view_name_once_per_list_and_owner', violation_error_message='You already have a view with this name.')],
            },
        ),
        migrations.CreateModel(
            name='ApiKeyEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='core.apikey')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('user', models.ForeignKey(db_constraint=False, help_text='The key may do what this user may do.', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('name', models.CharField(help_text='Says which program uses the key.', max_length=100, verbose_name='name')),
                ('prefix', models.CharField(editable=False, max_length=16, verbose_name='begins with')),
                ('created_at', models.DateTimeField(editable=False, verbose_name='created at')),
                ('expires_at', models.DateTimeField(blank=True, help_text='Leave empty for a key that stays.', null=True, verbose_name='expires at')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked at')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['pgh_created_at', 'pgh_id'], name='apikey_changes')],
            },
        ),
        migrations.CreateModel(
            name='BulkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=32, verbose_name='action')),
                ('values', models.JSONField(default=dict, editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='values')),
                ('summary', models.CharField(max_length=300, verbose_name='summary')),
                ('row_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), editable=False, size=None)),
                ('snapshot', models.CharField(blank=True, editable=False, max_length=64)),
                ('list_address', models.TextField(blank=True, editable=False)),
                ('chosen_count', models.PositiveIntegerField(verbose_name='rows chosen')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='chosen rows done')),
                ('changed_count', models.PositiveIntegerField(default=0, verbose_name='rows changed')),
                ('unchanged_count', models.PositiveIntegerField(default=0, verbose_name='rows unchanged')),
                ('refused_count', models.PositiveIntegerField(default=0, verbose_name='rows refused')),
                ('entry_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, editable=False, size=None)),
                ('job', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='bulk_change', to='core.job', verbose_name='background job')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
            ],
            options={
                'verbose_name': 'bulk change',
                'verbose_name_plural': 'bulk changes',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('position__lte', models.F('chosen_count'))), name='bulk_change_position_within_chosen', violation_error_message='At most the selected rows are changed.')],
            },
        ),
        migrations.CreateModel(
            name='GroupEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='core.trackedgroup')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.IntegerField()),
                ('name', models.CharField(max_length=150, verbose_name='name')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['pgh_created_at', 'pgh_id'], name='group_changes')],
            },
        ),
        migrations.CreateModel(
            name='GroupPermissionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='core.trackedgrouppermission')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.IntegerField()),
                ('group', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.group')),
                ('permission', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.permission')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['pgh_created_at', 'pgh_id'], name='grouppermission_changes')],
            },
        ),
        migrations.CreateModel(
            name='MembershipEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='core.trackedmembership')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.IntegerField()),
                ('user', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('group', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.group')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['pgh_created_at', 'pgh_id'], name='membership_changes')],
            },
        ),
        migrations.CreateModel(
            name='UserEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='core.trackeduser')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.IntegerField()),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['pgh_created_at', 'pgh_id'], name='user_changes')],
            },
        ),
        migrations.CreateModel(
            name='UserPermissionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='core.trackeduserpermission')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.IntegerField()),
                ('user', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('permission', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.permission')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['pgh_created_at', 'pgh_id'], name='userpermission_changes')],
            },
        ),
        migrations.CreateModel(
            name='BulkRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='core.bulkchange', verbose_name='bulk change')),
                ('names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), size=None, verbose_name='row')),
                ('message', models.TextField(verbose_name='message')),
                ('values', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='values')),
                ('shifts', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='preview')),
            ],
            options={
                'verbose_name': 'refused row',
                'verbose_name_plural': 'refused rows',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackeduserpermission',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_userpermissionevent" ("id", "permission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."id", new_values."permission_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cdf58fb8393edae554efb9e7f289dd7178a4d626', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4056a', referencing='REFERENCING NEW TABLE AS new_values ', table='auth_user_user_permissions', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackeduserpermission',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_userpermissionevent" ("id", "permission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."id", new_values."permission_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='20713c0faf0bc29ab71c7a3bf4d5fc3738f87069', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_2d95d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='auth_user_user_permissions', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackeduserpermission',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_userpermissionevent" ("id", "permission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT old_values."id", old_values."permission_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='0c474f095b1dee634d39d7a668a707ed0cf09e51', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_89df0', referencing='REFERENCING OLD TABLE AS old_values ', table='auth_user_user_permissions', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackeduser',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_userevent" ("date_joined", "email", "first_name", "id", "is_active", "is_staff", "is_superuser", "last_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") SELECT new_values."date_joined", new_values."email", new_values."first_name", new_values."id", new_values."is_active", new_values."is_staff", new_values."is_superuser", new_values."last_name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."username" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='71496f4a0d0fd953210e66dff9df6f2c6c2efafc', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_ff06c', referencing='REFERENCING NEW TABLE AS new_values ', table='auth_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackeduser',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."date_joined" IS DISTINCT FROM (NEW."date_joined") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."first_name" IS DISTINCT FROM (NEW."first_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."last_name" IS DISTINCT FROM (NEW."last_name") OR OLD."username" IS DISTINCT FROM (NEW."username"))', func='INSERT INTO "core_userevent" ("date_joined", "email", "first_name", "id", "is_active", "is_staff", "is_superuser", "last_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") VALUES (NEW."date_joined", NEW."email", NEW."first_name", NEW."id", NEW."is_active", NEW."is_staff", NEW."is_superuser", NEW."last_name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."username"); RETURN NULL;', hash='a507c35447ce799c313bc753ef2b1645d6a68d28', operation='UPDATE', pgid='pgtrigger_update_update_5576a', table='auth_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackeduser',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_userevent" ("date_joined", "email", "first_name", "id", "is_active", "is_staff", "is_superuser", "last_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") SELECT old_values."date_joined", old_values."email", old_values."first_name", old_values."id", old_values."is_active", old_values."is_staff", old_values."is_superuser", old_values."last_name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."username" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='0aedccfc03081aadf91cb7ed69b622f602924611', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_0b9f8', referencing='REFERENCING OLD TABLE AS old_values ', table='auth_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackedmembership',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_membershipevent" ("group_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."group_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='481fcb9c6f6df8c7ef71a0490437df133698f8de', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0c517', referencing='REFERENCING NEW TABLE AS new_values ', table='auth_user_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackedmembership',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_membershipevent" ("group_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."group_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7f18681a74a57b01418a356a26f29cc98e5ad5df', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_2ea11', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='auth_user_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackedmembership',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_membershipevent" ("group_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT old_values."group_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d732c5c01b66a1f6c10b71aac6db0719766e693e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_5e3ec', referencing='REFERENCING OLD TABLE AS old_values ', table='auth_user_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackedgrouppermission',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_grouppermissionevent" ("group_id", "id", "permission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."group_id", new_values."id", new_values."permission_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3493d0d293dbc8292864ba6e81ef315cb4a020e6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e2b62', referencing='REFERENCING NEW TABLE AS new_values ', table='auth_group_permissions', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackedgrouppermission',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_grouppermissionevent" ("group_id", "id", "permission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."group_id", new_values."id", new_values."permission_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5ef72d500a1cc9c9a0d1d433a46ef69331537bc2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_72ea2', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='auth_group_permissions', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackedgrouppermission',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_grouppermissionevent" ("group_id", "id", "permission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."group_id", old_values."id", old_values."permission_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='7eec23e807adfa18a75f84c4512fa84463890397', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b5d0b', referencing='REFERENCING OLD TABLE AS old_values ', table='auth_group_permissions', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackedgroup',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_groupevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='fba40cd6203b951a3b4398094dc463b83e2ddeb1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_219c8', referencing='REFERENCING NEW TABLE AS new_values ', table='auth_group', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackedgroup',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_groupevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='fd4447c266a04d140176d3acf4b0002e8bea7db4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_7213f', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='auth_group', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackedgroup',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_groupevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e7fcd374ba94314567cd4abd36ee51fbb65c12a0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_0705b', referencing='REFERENCING OLD TABLE AS old_values ', table='auth_group', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apikey',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_apikeyevent" ("created_at", "expires_at", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "user_id") SELECT new_values."created_at", new_values."expires_at", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."prefix", new_values."revoked_at", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='53530823e952362306db6a96f98d1f4140692fb2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2ea22', referencing='REFERENCING NEW TABLE AS new_values ', table='core_apikey', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apikey',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."prefix" IS DISTINCT FROM (NEW."prefix") OR OLD."revoked_at" IS DISTINCT FROM (NEW."revoked_at") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))', func='INSERT INTO "core_apikeyevent" ("created_at", "expires_at", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "user_id") VALUES (NEW."created_at", NEW."expires_at", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."prefix", NEW."revoked_at", NEW."user_id"); RETURN NULL;', hash='234dfe5f4e8a38082a3f49abde52128050426e22', operation='UPDATE', pgid='pgtrigger_update_update_31173', table='core_apikey', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apikey',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "core_apikeyevent" ("created_at", "expires_at", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "user_id") SELECT old_values."created_at", old_values."expires_at", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."prefix", old_values."revoked_at", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='1f305539afd88ba7cdac558c717f3996dfc3bba6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_61faa', referencing='REFERENCING OLD TABLE AS old_values ', table='core_apikey', when='AFTER')),
        ),
        # The list of changes reads those of one person.
        migrations.RunSQL(
            "CREATE INDEX context_by_user ON pghistory_context ((metadata -> 'user'))",
            "DROP INDEX context_by_user",
        ),
    ]
