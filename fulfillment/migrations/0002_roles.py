from django.db import migrations

from fulfillment.roles import grant

# What this migration makes, whatever the table says later.
ROLES = ["Merchant", "Fulfillment", "Operations", "Viewer"]


def make_roles(apps, schema_editor):
    grant(apps)


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("inventory", "0002_default_source_and_stock"),
        ("orders", "0001_initial"),
        ("fulfillment", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(make_roles, remove_roles)]
