from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0023_refused_rows")]

    operations = [
        migrations.AddField(
            model_name="importfile",
            name="stored_values",
            field=models.BinaryField(editable=False, null=True),
        ),
    ]
