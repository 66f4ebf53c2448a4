from django.db import migrations

NAME = "Take up lost work"
RUNS = "Take up lost runs"
JOBS = "Take up abandoned background jobs"


def resume_all_at_once(apps, schema_editor):
    """One task finds what was lost, soon enough for a worker that has frozen."""
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    task.objects.filter(name__in=[RUNS, JOBS]).delete()
    ten_seconds, _ = interval.objects.get_or_create(every=10, period="seconds")
    task.objects.get_or_create(
        name=NAME,
        defaults={
            "task": "fulfillment.resume_work",
            "interval": ten_seconds,
            "expire_seconds": 30,
            "description": "Ends workers that show no life; takes up runs and jobs that were lost.",
        },
    )


def resume_each_alone(apps, schema_editor):
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    task.objects.filter(name=NAME).delete()
    minute, _ = interval.objects.get_or_create(every=1, period="minutes")
    for name, path in ((RUNS, "fulfillment.resume_runs"), (JOBS, "inventory.resume_jobs")):
        task.objects.get_or_create(name=name, defaults={"task": path, "interval": minute})


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0024_receipt_shares"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(resume_all_at_once, resume_each_alone)]
