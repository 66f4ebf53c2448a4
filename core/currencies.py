"""The smallest units of currencies, hence which numbers are amounts; PURE."""

from decimal import Decimal

from core.quantities import QuantityError, format_quantity
from core.text import gettext_noop as _

# By the number of decimals, as ISO 4217 has them; all others have two.
UNUSUAL = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
DECIMALS = {code: decimals for decimals, codes in UNUSUAL.items() for code in codes.split()}
USUAL_DECIMALS = 2
# Those of the currency with most: columns have room for them.
MOST_DECIMALS = 3
# In every currency.
LARGEST_AMOUNT = Decimal("999999999999.99")

INVALID_AMOUNT = "INVALID_AMOUNT"
NEVER_NEGATIVE = _("An amount is 0 or more.")
TOO_LARGE = _("An amount is at most 999,999,999,999.99.")
WHOLE_ALONE = _("%(amount)s is not an amount in %(currency)s, which has no decimals.")
TOO_FINE = _("%(amount)s is not an amount in %(currency)s, which has %(decimals)s decimals.")


def decimals_of(currency: str) -> int:
    """Return how many decimals an amount in ``currency``, an ISO 4217 code, has."""
    return DECIMALS.get(currency, USUAL_DECIMALS)


def smallest_unit(currency: str) -> Decimal:
    """Return the smallest amount of ``currency``: 1 yen, 0.01 dollars, 0.001 dinars."""
    return Decimal(1).scaleb(-decimals_of(currency))


def exact_text(amount: Decimal, currency: str) -> str:
    """Return an amount as machines read it, with its currency's decimals: ``1234.50``."""
    return f"{amount:.{decimals_of(currency)}f}"


def amount_error(amount: Decimal, currency: str) -> QuantityError | None:
    """Return why a number is no amount of money in ``currency``, if it is none."""
    if not amount.is_finite() or amount < 0:
        return QuantityError(INVALID_AMOUNT, NEVER_NEGATIVE)
    if amount > LARGEST_AMOUNT:
        return QuantityError(INVALID_AMOUNT, TOO_LARGE)
    if not amount % smallest_unit(currency):
        return None
    decimals = decimals_of(currency)
    values = {"amount": format_quantity(amount), "currency": currency, "decimals": str(decimals)}
    return QuantityError(INVALID_AMOUNT, TOO_FINE if decimals else WHOLE_ALONE, **values)
