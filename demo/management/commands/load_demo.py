"""``manage.py load_demo``: fill an empty database with the Northwind demo."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from demo.examples.load import load_examples
from demo.load import load_demo
from demo.users import make_users


class Command(BaseCommand):
    help = "Loads the Northwind demo, with a login for each role. Loading it twice does no harm."

    def handle(self, *args: Any, **options: Any) -> None:
        names = make_users(password=settings.DEMO_PASSWORD)
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal
        ) as bar:
            task = bar.add_task(_("Loading orders"), total=None)
            summary = load_demo(
                now=timezone.now(),
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        load_examples(now=timezone.now(), zone=ZoneInfo(timezone.get_current_timezone_name()))
        if summary.was_loaded:
            self.stdout.write(_("The demo is already loaded."))
        self.stdout.write(
            _("%(orders)s orders; %(units)s units wait on %(lines)s lines of %(waiting)s orders.")
            % {
                "orders": summary.order_count,
                "units": summary.backordered_quantity,
                "lines": summary.backordered_line_count,
                "waiting": summary.backordered_order_count,
            }
        )
        self.stdout.write(
            _("Beside them, one example of each state: products and orders that begin with DEMO-.")
        )
        if options["verbosity"]:
            self.stdout.write(_("Logins: %(names)s.") % {"names": ", ".join(names)})
