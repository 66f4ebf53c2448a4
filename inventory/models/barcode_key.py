"""What barcodes are compared by: one code has one key, in whatever form it is written."""

from django.db.models import CharField, Func, Value

# The zeros before a GTIN do not count; a space is no beginning of a barcode.
ZEROS = "^(?=([0-9]{8}|[0-9]{12,14})$)0*"
MARK = " "


def barcode_key(column: str) -> str:
    """Return the expression of what a barcode in a column is compared by.

    Rule: §1, product.
    """
    return f"regexp_replace({column}, '{ZEROS}', '{MARK}')"


class BarcodeKey(Func):
    """The same, of a field."""

    function = "regexp_replace"
    output_field = CharField()

    def __init__(self, barcode: str) -> None:
        super().__init__(barcode, Value(ZEROS), Value(MARK))
