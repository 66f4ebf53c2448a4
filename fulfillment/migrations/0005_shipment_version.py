"""Give shipments a version that rises with every write."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_version"), ("fulfillment", "0004_jobs_of_release_runs")]

    operations = [
        migrations.AddField(
            model_name="shipment",
            name="version",
            field=models.BigIntegerField(
                db_default=models.Func(models.Value("core_version"), function="nextval"),
                editable=False,
                verbose_name="version",
            ),
        ),
        migrations.RunSQL(
            sql="""
                CREATE TRIGGER version BEFORE UPDATE ON fulfillment_shipment
                FOR EACH ROW EXECUTE FUNCTION core_next_version()
            """,
            reverse_sql="DROP TRIGGER version ON fulfillment_shipment",
        ),
    ]
