"""Give orders a version that rises with every write."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_version"), ("orders", "0002_reservation_order_line_key")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="version",
            field=models.BigIntegerField(
                db_default=models.Func(models.Value("core_version"), function="nextval"),
                editable=False,
                verbose_name="version",
            ),
        ),
        migrations.RunSQL(
            sql="""
                CREATE TRIGGER version BEFORE UPDATE ON orders_order
                FOR EACH ROW EXECUTE FUNCTION core_next_version()
            """,
            reverse_sql="DROP TRIGGER version ON orders_order",
        ),
    ]
