"""What barcodes are compared by: one code has one key, in whatever form it is written.

The same rule as :func:`inventory.codes.spellings`, for the database.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Func
from django.db.models.sql.compiler import SQLCompiler

SHAPE = "^([0-9]{8}|[0-9]{12,14})$"
LENGTH = 14


def barcode_key(column: str) -> str:
    """Return the expression of what a barcode in a column is compared by.

    Of a GTIN, all 14 digits; what looks like one and has another check digit is no GTIN, and
    zeros before it count.

    Rule: §1, product.
    """
    whole = f"lpad({column}, {LENGTH}, '0')"
    digits = [_digit(whole, position) for position in range(1, LENGTH + 1)]
    # From the right the check digit counts once, the next three times, and so on.
    total = f"3 * ({' + '.join(digits[::2])}) + {' + '.join(digits[1::2])}"
    return f"CASE WHEN {column} ~ '{SHAPE}' AND mod({total}, 10) = 0 THEN {whole} ELSE {column} END"


def _digit(text: str, position: int) -> str:
    """Return the expression of a digit as a number; any other character counts 0."""
    return f"strpos('123456789', substr({text}, {position}, 1))"


class BarcodeKey(Func):
    """The same, of a field."""

    output_field = CharField()

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_args: Any, **_extra: Any
    ) -> Any:
        [barcode] = self.get_source_expressions()
        sql, params = compiler.compile(barcode)
        key = barcode_key(sql)
        return f"({key})", [*params] * key.count(sql)
