"""Makes the role of the database that the app works as, or puts right what it may."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.database_roles import AppRole, DatabaseRoleError, append_only_tables, renew_app_role


class Command(BaseCommand):
    help = (
        "Makes the role of DATABASE_URL, or puts right what it may: connects as the role of "
        "OWNER_DATABASE_URL. migrate does it, too."
    )
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        if not settings.OWNER_DATABASE_URL:
            raise CommandError(
                "OWNER_DATABASE_URL must be set to the address of the role that owns the tables."
            )
        role = AppRole.of(settings.APP_DATABASE)
        try:
            renew_app_role(role)
        except DatabaseRoleError as error:
            raise CommandError(f"{error}") from error
        self.stdout.write(
            f"{role.name} works with all tables; to {len(append_only_tables())} of them it can "
            "only add rows."
        )
