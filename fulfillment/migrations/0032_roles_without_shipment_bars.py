"""Takes the permissions of a model that is gone from roles and from the list of permissions."""

from django.db import migrations

from fulfillment.roles import grant


def update_roles(apps, schema_editor):
    content_types = apps.get_model("contenttypes", "ContentType").objects
    content_types.filter(app_label="fulfillment", model="shipmentbar").delete()
    grant(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("fulfillment", "0031_roles_scheduled_work"),
    ]

    operations = [migrations.RunPython(update_roles, migrations.RunPython.noop)]
