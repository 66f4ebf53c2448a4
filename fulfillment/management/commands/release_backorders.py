"""Releases backorders from the command line, or says what a run would do."""

import json
import sys
from argparse import ArgumentParser
from typing import IO, Any, cast

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from core.acts import Act
from core.clock import site_zone, today
from core.management.arguments import text
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.models.release_conditions import runs_consider
from fulfillment.release.runs import engine
from fulfillment.release.runs.scope import RunScope, check_filter
from fulfillment.review.effects import left_out
from inventory.models import Stock

# A terminal has no room for a hundred thousand rows.
SHOWN = 100


class Command(BaseCommand):
    help = "Releases every waiting shipment that current and future supply covers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--format", choices=["table", "json"], default="table")
        parser.add_argument(
            "--stock", type=text, default="", metavar="CODE", help="only what this stock sold"
        )
        parser.add_argument(
            "--shipment",
            type=text,
            action="append",
            default=[],
            metavar="NUMBER",
            help="only this shipment; may be given several times",
        )
        parser.add_argument(
            "--filter",
            type=text,
            default="",
            metavar="QUERY",
            help='only what the review would list, for instance "age_days_min=14&sku=KTP"',
        )

    def handle(self, *, dry_run: bool, format: str, **options: Any) -> None:
        run = self._run(_scope(options), is_dry_run=dry_run)
        if format == "json":
            self.stdout.write(json.dumps(_as_json(run), indent=2))
        else:
            self._print(run)
        if run.state != ReleaseRun.State.COMPLETED:
            raise CommandError(run.sentence)

    def _run(self, scope: RunScope, *, is_dry_run: bool) -> ReleaseRun:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        console = Console(file=sys.stderr)
        with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task(_("Releasing"), total=Shipment.objects.in_queue().count())
            return engine.run_release(
                act=Act(timezone.now()),
                zone=site_zone(),
                trigger=ReleaseRun.Trigger.COMMAND,
                is_dry_run=is_dry_run,
                scope=scope,
                progress=lambda done: bar.update(task, completed=done),
            )

    def _print(self, run: ReleaseRun) -> None:
        table = Table(_("shipment"), _("outcome"), _("why or what"), title=_title(run))
        for decision in _decisions(run)[:SHOWN]:
            table.add_row(
                decision.shipment.number, decision.get_outcome_display(), _summary(decision)
            )
        console = Console(
            file=cast(IO[str], self.stdout), width=None if sys.stdout.isatty() else 120
        )
        if table.row_count:
            console.print(table)
        if (more := run.done_count - SHOWN) > 0:
            console.print(
                _("… and %(count)d more: the page of the run lists them all.") % {"count": more}
            )
        console.print(
            _("%(released)d released, %(waiting)d considered and still waiting")
            % {"released": run.released_count, "waiting": run.waiting_count}
        )


def _scope(options: dict[str, Any]) -> RunScope:
    """Return the part of the queue that was asked for.

    :raises CommandError: if the stock does not exist, one of the shipments does not wait, runs
        leave all of them out, or the filter is not understood.
    """
    stock, numbers = options["stock"], options["shipment"]
    if stock and not Stock.objects.filter(code=stock).exists():
        known = ", ".join(Stock.objects.order_by("code").values_list("code", flat=True))
        raise CommandError(
            _("There is no stock “%(code)s”. There are: %(known)s")
            % {"code": stock, "known": known}
        )
    named = Shipment.objects.in_queue().filter(number__in=numbers)
    waiting = list(named.select_related("order").order_by("number"))
    others = set(numbers) - {shipment.number for shipment in waiting}
    if others:
        raise CommandError(
            _("These shipments do not wait for a release: %(numbers)s")
            % {"numbers": ", ".join(sorted(others))}
        )
    if waiting and not any(map(runs_consider, waiting)):
        reasons = [f"{shipment.number}: {left_out(shipment).sentence}" for shipment in waiting]
        raise CommandError("\n".join([_("Nothing was released."), *reasons]))
    scope = RunScope(stock=stock, filter=options["filter"], shipments=tuple(numbers))
    try:
        check_filter(scope, today=today(), zone=site_zone())
    except ValidationError as error:
        raise CommandError(" ".join(_messages(error))) from error
    return scope


def _messages(error: ValidationError) -> list[str]:
    """Return the sentences of ``error``, each behind the name of its filter where it has one."""
    if not hasattr(error, "error_dict"):
        return error.messages
    return [f"{name}: {text}" for name, texts in error.message_dict.items() for text in texts]


def _decisions(run: ReleaseRun) -> Any:
    return run.decisions.select_related("shipment").order_by("position", "pk")


def _title(run: ReleaseRun) -> str:
    name = _("Dry run") if run.is_dry_run else _("Release run")
    return f"{name} #{run.pk}"


def _summary(decision: ReleaseDecision) -> str:
    parts = [
        f"{child['source']} {child['expected_on'] or ''}: "
        + ", ".join(f"{take['quantity']} x {take['sku']}" for take in child["takes"])
        for child in decision.detail["children"]
    ]
    parts += [
        f"{shortage['missing']} x {shortage['sku']}: {', '.join(shortage['reasons'])}"
        for shortage in decision.detail["shortages"]
    ]
    return "\n".join(parts)


def _as_json(run: ReleaseRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "is_dry_run": run.is_dry_run,
        "state": run.state,
        "message": run.sentence,
        "message_code": run.message_code,
        "released": run.released_count,
        "waiting": run.waiting_count,
        "decisions": [
            {
                "shipment": decision.shipment.number,
                "outcome": decision.outcome,
                **decision.detail,
            }
            for decision in _decisions(run)
        ],
    }
