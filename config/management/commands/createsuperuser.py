"""Django's createsuperuser, which leaves a security event."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.models import User
from django.db.models.signals import post_save
from django.utils import timezone

from config.people_forms import name_is_taken
from core.callers import Caller
from core.management.arguments import check_texts
from core.models import SecurityEvent
from core.operations.security_events import record

POWERS = ["is_staff", "is_superuser"]


class Command(createsuperuser.Command):
    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)  # type: ignore[arg-type] # Django's own subclass of it
        check_texts(parser, "username", "email")

    def handle(self, *args: Any, **options: Any) -> None:
        post_save.connect(_record_new, sender=User)
        try:
            super().handle(*args, **options)
        finally:
            post_save.disconnect(_record_new, sender=User)

    def _validate_username(self, username: str, label: str, database: str) -> str | None:
        """Return why the name cannot be, or None: the database refuses it without saying why."""
        if said := name_is_taken(username):
            return said
        found: str | None = super()._validate_username(  # type: ignore[misc] # not in its stubs
            username, label, database
        )
        return found


def _record_new(instance: User, *, created: bool, **_values: Any) -> None:
    """Write that a superuser was made on the server."""
    if created:
        caller, kind = Caller(timezone.now()), SecurityEvent.Kind.USER_ADDED
        record(caller, kind, person_id=instance.pk, detail={"fields": POWERS})
