"""Runs the local services of this checkout: starts, stops or shows them."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import local_services


class Command(BaseCommand):
    help = "Shows, stops or deletes the local services (PostgreSQL and broker) of this checkout."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["status", "stop", "delete"])

    def handle(self, *, action: str, **options: Any) -> None:
        try:
            if action == "stop":
                local_services.stop(settings.VAR_DIR)
            elif action == "delete":
                local_services.remove(settings.VAR_DIR)
            names = local_services.running(settings.VAR_DIR)
        except local_services.LocalServiceError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Running: {', '.join(names) or 'none'}. Data: {settings.VAR_DIR}")
