from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0029_canceled_shipments"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScheduledWork",
            fields=[],
            options={
                "verbose_name": "scheduled work",
                "verbose_name_plural": "scheduled work",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("django_celery_beat.periodictask",),
        ),
    ]
