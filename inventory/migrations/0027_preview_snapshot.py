from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0026_import_steps'),
    ]

    operations = [
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
    ]
