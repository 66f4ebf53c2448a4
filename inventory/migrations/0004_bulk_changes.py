from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0003_source_item_version'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='bulkchange',
            name='job',
        ),
        migrations.RemoveField(
            model_name='bulkchange',
            name='made_by',
        ),
        migrations.RemoveField(
            model_name='bulkrefusal',
            name='change',
        ),
        migrations.DeleteModel(
            name='PreviewSnapshot',
        ),
        migrations.DeleteModel(
            name='BulkChange',
        ),
        migrations.DeleteModel(
            name='BulkRefusal',
        ),
    ]
