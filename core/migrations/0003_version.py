"""Count the versions of rows: the sequence of all tables, and the function of their triggers."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0002_skipped_jobs")]

    operations = [
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
    ]
