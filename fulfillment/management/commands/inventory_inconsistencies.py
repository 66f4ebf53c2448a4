"""Lists what the books have wrong, or puts it right with --apply."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import formats
from core.acts import Act
from fulfillment.operations.upkeep.counter_correction import WrongCounter, recount, wrong_counters
from fulfillment.queries.lost_rows import LostRow, lost_rows
from orders.inconsistencies import LineInconsistency, compensate_lines, inconsistent_lines


class Command(BaseCommand):
    help = (
        "Lists order lines whose reservations do not cancel out their open units, counters that "
        "disagree with their rows, and rows that name one which is not there. Exits with 0 when "
        "there are none, or when --apply put all of them right, else with 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="put right what is found")

    def handle(self, *, apply: bool, **options: Any) -> None:
        found, left = 0, 0
        while lines := inconsistent_lines():
            self._list(lines)
            found += len(lines)
            if not apply:
                break
            proposals = {line.order_line_id: line.compensation for line in lines}
            stale = compensate_lines(proposals, Act(timezone.now())).stale_line_ids
            if stale:
                left += len(stale)
                break
        counters = wrong_counters()
        for counter in counters:
            self.stdout.write(_counter_in_words(counter))
        refused = recount([counter.key for counter in counters]).refused if apply else []
        lost = lost_rows()
        for row in lost:
            self.stdout.write(_lost_row_in_words(row))
        found, left = found + len(counters) + len(lost), left + len(refused) + len(lost)
        self._conclude(found, found if not apply else left)

    def _list(self, lines: list[LineInconsistency]) -> None:
        for line in lines:
            self.stdout.write(_line_in_words(line))

    def _conclude(self, found: int, left: int) -> None:
        if not found:
            self.stdout.write(_("The ledger and the counters agree with the orders."))
        elif not left:
            sentence = ngettext(
                "Corrected %(count)s inconsistency.",
                "Corrected %(count)s inconsistencies.",
                found,
            )
            self.stdout.write(sentence % {"count": found})
        else:
            sentence = ngettext(
                "%(count)s inconsistency is left.", "%(count)s inconsistencies are left.", left
            )
            raise CommandError(sentence % {"count": left}, returncode=1)


def _line_in_words(line: LineInconsistency) -> str:
    return _(
        "Order %(order)s, line %(line)s (%(sku)s in %(stock)s): reserved %(reserved)s, open "
        "%(open)s; a compensation of %(compensation)s puts it right."
    ) % {
        "order": line.order_number,
        "line": line.line_number,
        "sku": line.sku,
        "stock": line.stock_code,
        "reserved": formats.quantity(line.reserved),
        "open": formats.quantity(line.open_quantity),
        "compensation": formats.quantity(line.compensation),
    }


def _counter_in_words(counter: WrongCounter) -> str:
    return _("Counter %(kind)s of %(sku)s (%(holder)s): kept %(kept)s, counted %(counted)s.") % {
        "kind": counter.key.kind,
        "sku": counter.sku,
        "holder": counter.holder,
        "kept": formats.quantity(counter.kept),
        "counted": formats.quantity(counter.counted),
    }


def _lost_row_in_words(lost: LostRow) -> str:
    return _(
        "%(column)s of row %(row)s in %(table)s names row %(named)s of %(parent)s, which is not "
        "there. Restore it from a backup."
    ) % {
        "column": lost.column,
        "row": lost.row,
        "table": lost.table,
        "named": lost.named,
        "parent": lost.parent,
    }
