"""Give e-mails about released units the kind that took its place."""

from django.db import migrations


def rename(former, new):
    def apply(apps, schema_editor):
        apps.get_model("orders", "OrderEmail").objects.filter(kind=former).update(kind=new)

    return apply


class Migration(migrations.Migration):
    dependencies = [("orders", "0010_kinds_of_notices")]

    operations = [
        migrations.RunPython(
            rename("RELEASED", "BEING_PREPARED"), rename("BEING_PREPARED", "RELEASED")
        )
    ]
