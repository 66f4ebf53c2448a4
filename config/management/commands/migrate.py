"""Django's migrate, after which the app's role works with the new tables."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import migrate

from config.personal_data.fields import searched_fields
from core.operations.texts_of_a_person import declare_erasable


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["plan"] or options["check_unapplied"]:
            return
        declare_erasable(
            (field.model._meta.db_table, str(field.column)) for field in searched_fields()
        )
        if settings.OWNER_DATABASE_URL:
            call_command("database_roles", stdout=self.stdout)
