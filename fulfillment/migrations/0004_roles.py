from django.db import migrations

from fulfillment.roles import grant

# What this migration made, whatever the table says later.
ROLES = ["Merchant", "Fulfillment", "Operations", "Viewer"]


def make_roles(apps, schema_editor):
    grant(apps)


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0003_release_schedule"),
        ("inventory", "0004_history_of_first_rows"),
        ("orders", "0002_reservation_order_line_key"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(make_roles, remove_roles)]
