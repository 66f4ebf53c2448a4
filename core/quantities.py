"""Exact quantities: numbers with four decimals, read strictly."""

import re
from collections.abc import Mapping
from decimal import Decimal

from core.text import FaultError
from core.text import gettext_noop as _

DECIMALS = 4
# Whole ten-thousandths: exact like decimals, and faster to add.
UNIT = 10**DECIMALS
MAX_DIGITS = 16
ZERO = Decimal(0)
QUANTUM = Decimal("0.0001")
MAX_QUANTITY = Decimal("999999999999.9999")

DECIMALS_NOT_ALLOWED = "DECIMALS_NOT_ALLOWED"
FRACTION = _("%(quantity)s is a fraction, and this product is sold in whole units.")
FRACTION_OR_THOUSANDS = _(
    "%(quantity)s is a fraction, and this product is sold in whole units; did you mean %(meant)s?"
)
THOUSANDS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}\Z", re.ASCII)
PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)\Z", re.ASCII)


class QuantityError(FaultError):
    """A text or a number that is no quantity; ``code`` names the kind of fault."""

    values: Mapping[str, str]

    def __init__(self, code: str, message: str, **values: str) -> None:
        super().__init__(message, **values)
        self.code = code


def units_of(quantity: Decimal) -> int:
    """Return a quantity as whole ten-thousandths."""
    return int(quantity.scaleb(DECIMALS))


def quantity_of(units: int) -> Decimal:
    """Return whole ten-thousandths as a quantity."""
    return Decimal(units).scaleb(-DECIMALS)


def parse_quantity(text: str) -> Decimal:
    """Read a quantity written with digits and at most one decimal point.

    :raises QuantityError: for anything else: NaN, 1e400, a comma, a fifth decimal, too many
        digits. Nothing is ever rounded.
    """
    stripped = text.strip()
    if not PLAIN.match(stripped):
        message = _("“%(value)s” is not a number; write digits with a decimal point, such as 2.5.")
        raise QuantityError("NOT_A_NUMBER", message, value=text[:40])
    quantity = Decimal(stripped)
    exponent = quantity.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > DECIMALS:
        message = _("“%(value)s” has more than four decimals.")
        raise QuantityError("TOO_MANY_DECIMALS", message, value=text[:40])
    if abs(quantity) > MAX_QUANTITY:
        message = _("“%(value)s” is more than 999,999,999,999.9999.")
        raise QuantityError("TOO_LARGE", message, value=text[:40])
    return quantity


def fraction_error(quantity: Decimal) -> QuantityError | None:
    """Return what is wrong with a quantity of a product that is sold in whole units, if anything.

    Rule: Qty Uses Decimals, §2.
    """
    return fraction_refusal(quantity) if quantity % 1 else None


def fraction_refusal(quantity: Decimal) -> QuantityError:
    """Return what is wrong with a fraction of a product that is sold in whole units.

    Three digits after the point look like the thousands of 1.234 pieces, and are asked about;
    the digits are those that were typed, so pass the quantity as it was read.
    """
    text = format(quantity, "f")
    if THOUSANDS.match(text):
        values = {"quantity": text, "meant": text.replace(".", "")}
        return QuantityError(DECIMALS_NOT_ALLOWED, FRACTION_OR_THOUSANDS, **values)
    return QuantityError(DECIMALS_NOT_ALLOWED, FRACTION, quantity=format_quantity(quantity))


def format_quantity(quantity: Decimal) -> str:
    """Return ``quantity`` as people write it: ``5``, not ``5.0000``; ``2.5``; ``-50``."""
    text = format(quantity, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
