"""Django's migrate, after which the app's role may use the new tables."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import migrate


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if settings.OWNER_DATABASE_URL and not (options["plan"] or options["check_unapplied"]):
            call_command("database_roles", stdout=self.stdout)
