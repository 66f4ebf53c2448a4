import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0024_import_file_stored_values")]

    operations = [
        migrations.AddField(
            model_name="bulkchange",
            name="row_digests",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), editable=False, null=True, size=None
            ),
        ),
    ]
