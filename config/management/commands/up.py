"""Runs the whole back office on this machine: services, migrations, demo data, processes."""

import fcntl
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg.errors import DiskFull

from config import environment, local_services
from config.local_services.keeper import Keeper
from config.local_services.ports import is_taken
from config.supervisor import Program, Supervisor
from orders.models import Order

ROLES = ("admin", "merchant", "fulfillment", "operations", "viewer")


class Command(BaseCommand):
    help = "Starts the back office with demo data: web, worker and beat; Ctrl-C stops everything."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="delete all data, start over")
        parser.add_argument("--no-demo", action="store_true", help="leave the database empty")

    def handle(self, *, reset: bool, no_demo: bool, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("up makes demo users with a known password: never in production.")
        if reset and environment.text("DATABASE_URL"):
            raise CommandError("RESET deletes the local database only; DATABASE_URL names another.")
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        port = environment.whole("PORT", 8000, minimum=1, maximum=65535)
        with _only_one(port):
            keeper = Keeper(settings.VAR_DIR)
            try:
                status = self._run(port, keeper, reset=reset, with_demo=not no_demo)
            except KeyboardInterrupt:
                status = 0
            except DatabaseError as error:
                raise _in_words(error) from error
            finally:
                connections.close_all()
                local_services.stop(settings.VAR_DIR)
                keeper.dismiss()
        sys.exit(status)

    def _run(self, port: int, keeper: Keeper, *, reset: bool, with_demo: bool) -> int:
        if is_taken(port):
            raise CommandError(f"Port {port} is taken; choose another: make demo PORT={port + 1}")
        if reset:
            self._reset()
        self._migrate()
        if with_demo and not Order.objects.exists():
            call_command("load_demo")
        connections.close_all()
        self._welcome(port)
        return Supervisor(_programs(port), environment=_environment(), keeper=keeper).run()

    def _reset(self) -> None:
        """Empty the local database."""
        self.stdout.write("Deleting all data …")
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
        connections.close_all()

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        loader = executor.loader
        unknown = sorted(
            f"{app}.{name}"
            for app, name in set(loader.applied_migrations) - set(loader.disk_migrations)
            if app in loader.migrated_apps and (app, name) not in loader.replacements
        )
        if unknown:
            raise CommandError(
                f"The database was made by a newer version of this program ({unknown[-1]} is "
                "unknown here); update the program, or start over with make demo RESET=1."
            )
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)

    def _welcome(self, port: int) -> None:
        self.stdout.write("")
        self.stdout.write(f"The back office is at http://127.0.0.1:{port}/admin/")
        password = settings.DEMO_PASSWORD
        self.stdout.write(f"Sign in as {', '.join(ROLES)}; the password is {password}")
        self.stdout.write("Ctrl-C stops everything.\n")


@contextmanager
def _only_one(port: int) -> Iterator[None]:
    """Hold this checkout's lock: its holder may stop the services when it ends.

    The file says on which port the back office is.
    """
    with (settings.VAR_DIR / "up.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise CommandError(
                "The back office of this checkout is running already, at "
                f"http://127.0.0.1:{handle.read().strip() or port}/admin/"
            ) from error
        handle.truncate(0)
        handle.write(f"{port}")
        handle.flush()
        yield


def _in_words(error: DatabaseError) -> Exception:
    """Return a sentence about a disk that is full; any other error as it is."""
    if isinstance(error.__cause__, DiskFull):
        return CommandError(
            f"The disk with {settings.VAR_DIR} is full: free some space, then start again. "
            f"({error})"
        )
    return error


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _programs(port: int) -> list[Program]:
    python = sys.executable
    return [
        Program(
            "web",
            [python, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}",
             "--worker-class", "config.web_worker.HealthyWorker", "--workers", "2",
             "--threads", "4", "--preload", "--no-control-socket",
             "--log-level", "warning"],
            port=port,
        ),
        Program(
            "worker",
            [python, "-m", "celery", "-A", "config", "worker", "--concurrency", "2",
             "--loglevel", "info", "--without-mingle", "--without-gossip"],
        ),
        Program(
            "mail",
            [python, "-m", "celery", "-A", "config", "worker", "--queues", "mail",
             "--hostname", "mail@%h", "--concurrency", "1", "--loglevel", "info",
             "--without-mingle", "--without-gossip"],
        ),
        Program("beat", [python, "-m", "celery", "-A", "config", "beat", "--loglevel", "info",
                         "--pidfile="]),
    ]  # fmt: skip


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": settings.DATABASE_URL,
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
