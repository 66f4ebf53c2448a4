"""The smallest units of currencies; PURE."""

from decimal import Decimal

# By the number of decimals, as ISO 4217 has them; all others have two.
UNUSUAL = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
DECIMALS = {code: decimals for decimals, codes in UNUSUAL.items() for code in codes.split()}
USUAL_DECIMALS = 2


def decimals_of(currency: str) -> int:
    """Return how many decimals an amount in ``currency``, an ISO 4217 code, has."""
    return DECIMALS.get(currency, USUAL_DECIMALS)


def smallest_unit(currency: str) -> Decimal:
    """Return the smallest amount of ``currency``: 1 yen, 0.01 dollars, 0.001 dinars."""
    return Decimal(1).scaleb(-decimals_of(currency))
