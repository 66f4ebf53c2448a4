"""Maps countries kept as texts, at sources as in orders, to ISO 3166 codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.models import Source
from inventory.operations.country_texts import country_texts, map_country_texts
from orders.models import Order


class Command(BaseCommand):
    help = (
        "Writes the ISO 3166 code where the country of a source or an order is a text that means "
        "one, such as Sweden, Suède or UK, and lists the texts that it cannot map; those stay."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--preview", action="store_true", help="list only; write nothing")

    def handle(self, *, preview: bool, **options: Any) -> None:
        count = 0
        for rows in (Source.objects.all(), Order.objects.all()):
            found = country_texts(rows) if preview else map_country_texts(rows)
            for one in found:
                code = one.code or _("not known; give it by hand")
                told = {
                    "kind": rows.model._meta.verbose_name_plural,
                    "text": one.text,
                    "count": one.row_count,
                    "code": code,
                }
                self.stdout.write(_("%(kind)s: “%(text)s” (%(count)s) → %(code)s") % told)
                count += one.row_count if one.code else 0
        if preview:
            told_count = ngettext(
                "%(count)s row would change.", "%(count)s rows would change.", count
            )
        else:
            told_count = ngettext("%(count)s row is changed.", "%(count)s rows are changed.", count)
        self.stdout.write(told_count % {"count": count})
