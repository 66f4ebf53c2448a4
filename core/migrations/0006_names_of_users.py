"""User names that differ by more than capital letters."""

from django.db import migrations
from django.db.models import Count
from django.db.models.functions import Upper


def refuse_doubles(apps, schema_editor):
    """Name the users whose names are the same but for capital letters: people decide about them."""
    User = apps.get_model("auth", "User")
    names = User.objects.annotate(key=Upper("username"))
    doubled = names.values("key").annotate(count=Count("pk")).filter(count__gt=1).values("key")
    found = list(names.filter(key__in=doubled).order_by("key", "username"))
    if found:
        raise RuntimeError(
            "These user names differ only by capital letters; rename all but one of each, then "
            f"migrate again: {', '.join(user.username for user in found)}"
        )


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0005_password_resets"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(refuse_doubles, migrations.RunPython.noop),
        migrations.RunSQL(
            "CREATE UNIQUE INDEX user_name_once ON auth_user (UPPER(username))",
            "DROP INDEX user_name_once",
        ),
    ]
