"""Give source items a version that rises with every write."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_version"), ("inventory", "0002_default_source_and_stock")]

    operations = [
        migrations.AddField(
            model_name="sourceitem",
            name="version",
            field=models.BigIntegerField(
                db_default=models.Func(models.Value("core_version"), function="nextval"),
                editable=False,
                verbose_name="version",
            ),
        ),
        migrations.RunSQL(
            sql="""
                CREATE TRIGGER version BEFORE UPDATE ON inventory_sourceitem
                FOR EACH ROW EXECUTE FUNCTION core_next_version()
            """,
            reverse_sql="DROP TRIGGER version ON inventory_sourceitem",
        ),
    ]
