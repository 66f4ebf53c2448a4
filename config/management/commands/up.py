"""Runs the whole back office on this machine: services, migrations, demo data, processes."""

import fcntl
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg import OperationalError
from psycopg.errors import DiskFull

from config import environment, local_services
from config.database_roles import AppRole, renew_app_role
from config.local_services.keeper import Keeper
from config.local_services.network_ports import is_taken
from config.supervisor import Program, Supervisor
from demo.users import logins
from orders.models import Order

# Said of a machine of one's own, where it is no fault.
AS_ROOT = "ignore:You're running the worker with superuser privileges"


class Command(BaseCommand):
    help = "Starts the back office with demo data: web, worker and beat; Ctrl-C stops everything."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="delete all data, start over")
        parser.add_argument("--no-demo", action="store_true", help="leave the database empty")

    def handle(self, *, reset: bool, no_demo: bool, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("up makes demo users with a known password: never in production.")
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        with _only_one() as note:
            keeper = Keeper(settings.VAR_DIR)
            try:
                # What is refused from here on leaves no service running.
                port = environment.whole("PORT", 8000, minimum=1, maximum=65535)
                if reset and environment.text("DATABASE_URL"):
                    raise CommandError(
                        "RESET deletes the local database only; DATABASE_URL names another."
                    )
                note(port)
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
        count = self._migrate()
        self._say("data", f"{count} migrations applied" if count else "the database is up to date")
        if with_demo and not Order.objects.exists():
            self._say("data", "loading the demo …")
            written = StringIO()
            # The log-ins follow with the address.
            call_command("load_demo", stdout=written, verbosity=0)
            for line in written.getvalue().splitlines():
                self._say("data", line)
        names = logins()
        database_url = _app_database_url()
        connections.close_all()
        programs = _programs(port)
        supervisor = Supervisor(
            programs,
            environment=_environment(port, database_url, shows_logins=bool(names)),
            keeper=keeper,
            welcome=lambda: self._welcome(port, names),
        )
        return supervisor.run()

    def _say(self, stage: str, line: str) -> None:
        """Print a stage of the start, as the supervisor prints the others."""
        self.stdout.write(f"{stage:<6} | {line}")
        self.stdout.flush()

    def _reset(self) -> None:
        """Empty the local database."""
        self._say("data", "deleting all data …")
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
        connections.close_all()

    def _migrate(self) -> int:
        """Bring the database up to date; return how many migrations were applied."""
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
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            call_command("migrate", verbosity=0, interactive=False)
        return len(plan)

    def _welcome(self, port: int, names: list[str]) -> None:
        lines = ["", f"The back office: http://127.0.0.1:{port}/admin/"]
        if names:
            lines.append(f"Log in as {', '.join(names)} (password: {settings.DEMO_PASSWORD})")
        if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
            lines.append(f"E-mails are not sent: they are written to {settings.EMAIL_FILE_PATH}")
        lines.append("Ctrl-C stops everything. Warnings follow here; LOG_LEVEL=info shows all.")
        self.stdout.write("\n".join([*lines, ""]))
        self.stdout.flush()


@contextmanager
def _only_one() -> Iterator[Callable[[int], None]]:
    """Hold this checkout's lock: its holder may stop the services when it ends.

    Gives a function that notes in the lock's file on which port the back office is.
    """
    with (settings.VAR_DIR / "up.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise CommandError(
                "The back office of this checkout is running already, at "
                f"http://127.0.0.1:{handle.read().strip() or 8000}/admin/"
            ) from error

        def note(port: int) -> None:
            handle.truncate(0)
            handle.write(f"{port}")
            handle.flush()

        yield note


def _in_words(error: DatabaseError) -> Exception:
    """Return a sentence about a full disk or a database that is away; other errors as they are."""
    if isinstance(error.__cause__, DiskFull):
        return CommandError(
            f"The disk with {settings.VAR_DIR} is full: free some space, then start again. "
            f"({error})"
        )
    if isinstance(error.__cause__, OperationalError) and error.__cause__.sqlstate is None:
        return CommandError(f"The database of DATABASE_URL does not answer. ({error})")
    return error


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _programs(port: int) -> list[Program]:
    python = sys.executable
    celery = [python, "-W", AS_ROOT, "-m", "celery", "--quiet", "-A", "config"]
    return [
        Program(
            "web",
            [python, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}",
             "--worker-class", "config.web_worker.HealthyWorker", "--workers", "2",
             "--threads", "4", "--preload", "--no-control-socket",
             "--log-level", "warning"],
            port=port,
            started=f"the pages answer on port {port}",
        ),
        Program(
            "worker",
            [*celery, "worker", "--concurrency", "2", "--without-mingle", "--without-gossip"],
            started="two workers started",
        ),
        Program(
            "mail",
            [*celery, "worker", "--queues", "mail", "--hostname", "mail@%h", "--concurrency", "1",
             "--without-mingle", "--without-gossip"],
            started="the sender of e-mails started",
        ),
        Program("beat", [*celery, "beat", "--pidfile="], started="the scheduler started"),
    ]  # fmt: skip


def _app_database_url() -> str:
    """Return the address at which the processes work: the local database's has a role of its own,
    which changes no table, and is made or put right here."""
    if environment.text("DATABASE_URL"):
        return settings.DATABASE_URL
    url = local_services.app_database_url(settings.VAR_DIR)
    renew_app_role(AppRole.of(environment.database(url)))
    return url


def _environment(port: int, database_url: str, *, shows_logins: bool) -> dict[str, str]:
    return {
        **os.environ,
        "DEMO_LOGINS": "yes" if shows_logins else "no",
        "LOG_LEVEL": environment.text("LOG_LEVEL", "warning"),
        "SITE_URL": settings.SITE_URL or f"http://localhost:{port}",
        "DATABASE_URL": database_url,
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
