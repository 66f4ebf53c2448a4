"""The Celery application; tasks are found in each app's ``tasks`` module."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep

from config import traffic
from config.database_limits import take_part
from core.sessions import show_life
from core.workers import NoteStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("backoffice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.steps["worker"].add(NoteStep)
app.autodiscover_tasks()
traffic.count_tasks()


@setup_logging.connect
def keep_logging(**_configuration: Any) -> None:
    """Leave logging as the settings have it: asked here, Celery sets up nothing of its own."""


@worker_process_init.connect
@beat_init.connect
def connect_as_worker(**_configuration: Any) -> None:
    """Give a process that does tasks, and the scheduler, a worker's limits, and a name at the
    database by which its sessions are ended should it show no life any more."""
    take_part("worker")
    show_life()
