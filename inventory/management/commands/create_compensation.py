"""Appends a manual compensation to the reservation ledger."""

from argparse import ArgumentParser, ArgumentTypeError
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from core import formats
from core.acts import Act
from core.management.arguments import text
from core.quantities import QuantityError, parse_quantity
from inventory.models import Product, Stock
from inventory.operations.compensation import compensate
from inventory.operations.whole_units import FractionError

REASON_MAX_LENGTH = 500


def moved_quantity(written: str) -> Decimal:
    """Read a quantity of either sign.

    :raises ArgumentTypeError: if it is none, or 0.
    """
    try:
        quantity = parse_quantity(written)
    except QuantityError as error:
        raise ArgumentTypeError(str(error)) from error
    if not quantity:
        raise ArgumentTypeError(_("A compensation is not 0."))
    return quantity


class Command(BaseCommand):
    help = (
        "Appends a manual compensation to the ledger: -5 counts five more units as sold, 5 five "
        "fewer. Prints the key of the entry."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("stock", type=text, help="code of the stock")
        parser.add_argument("sku", type=text)
        parser.add_argument("quantity", type=moved_quantity)
        parser.add_argument("--reason", type=text, required=True, help="kept with the entry")

    def handle(
        self, *, stock: str, sku: str, quantity: Decimal, reason: str, **options: Any
    ) -> None:
        if not reason.strip() or len(reason) > REASON_MAX_LENGTH:
            raise CommandError(_("Give a reason of at most 500 characters."))
        stock_ids = Stock.objects.filter(code=stock).values_list("pk", flat=True)
        product_ids = Product.objects.filter(sku=sku).values_list("pk", flat=True)
        if not stock_ids:
            raise CommandError(_("There is no stock “%(code)s”.") % {"code": stock})
        if not product_ids:
            raise CommandError(_("There is no product “%(sku)s”.") % {"sku": sku})
        try:
            written = compensate(
                Act(timezone.now(), reason=reason),
                stock_id=stock_ids[0],
                product_id=product_ids[0],
                quantity=quantity,
            )
        except FractionError as error:
            raise CommandError(error) from error
        values = {"key": written.pk, "quantity": formats.quantity(written.quantity)}
        self.stdout.write(_("Reservation %(key)s: %(quantity)s") % values)
