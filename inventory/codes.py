"""What a SKU or a barcode may be. PURE."""

import re
import unicodedata

from core.text import FaultError
from core.text import gettext_noop as _

SKU_MAX_LENGTH = 64
BARCODE_MAX_LENGTH = 64
# Control, format and surrogate characters, and the separators of lines and paragraphs.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
DOTS = frozenset({".", ".."})
# A GTIN of fewer digits is one of more that begins with 0: EAN-8 has 8, UPC-A 12, EAN-13 13.
GTIN = re.compile(r"(\d{8}|\d{12,14})\Z", re.ASCII)
GTIN_LENGTHS = (8, 12, 13, 14)

SPACE_AT_END = _("“%(value)s” begins or ends with a space. Remove it.")
UNSEEN_CHARACTER = _(
    "“%(value)s” has the character %(character)s, which cannot be seen. Remove it."
)
COMMA = _("“%(value)s” has a comma, which separates SKUs in addresses. Use another character.")
ONLY_DOTS = _("“%(value)s” means a folder in addresses. Use another SKU.")
TOO_LONG = _("The text has %(length)s characters; at most %(limit)s fit.")
WRONG_CHECK_DIGIT = _(
    "“%(value)s” has %(length)s digits, and its last one, the check digit, would be %(right)s. "
    "Scan or type the barcode again."
)


class CodeError(FaultError):
    """A code that may not be."""


def check_sku(sku: str) -> None:
    """Refuse what a new SKU may not be.

    :raises CodeError: for space at an end, characters that cannot be seen, a comma, ``.`` and
        ``..``, and more than 64 characters.

    Rule: §1, product.
    """
    _check_text(sku, limit=SKU_MAX_LENGTH)
    if "," in sku:
        raise CodeError(COMMA, value=sku)
    if sku in DOTS:
        raise CodeError(ONLY_DOTS, value=sku)


def check_barcode(barcode: str) -> None:
    """Refuse what a barcode may not be.

    :raises CodeError: as :func:`check_sku` for its characters, and for a wrong check digit of a
        code of 8, 12, 13 or 14 digits (GTIN).

    Rule: §1, product.
    """
    _check_text(barcode, limit=BARCODE_MAX_LENGTH)
    if GTIN.match(barcode) and not _is_gtin(barcode):
        right = check_digit(barcode[:-1])
        raise CodeError(WRONG_CHECK_DIGIT, value=barcode, length=len(barcode), right=right)


def spellings(barcode: str) -> tuple[str, ...]:
    """Return a barcode as it stands, then the other forms in which the same code is read.

    A GTIN of 8 digits (EAN-8) or 12 (UPC-A) is printed, or sent by many scanners, as one of 13
    (EAN-13) or 14 that begins with 0. Other codes have one form.

    Rule: §1, product.
    """
    if not _is_gtin(barcode):
        return (barcode,)
    digits = barcode.lstrip("0")
    forms = [digits.zfill(length) for length in GTIN_LENGTHS if len(digits) <= length]
    return (barcode, *(form for form in forms if form != barcode))


def significant(text: str) -> str:
    """Return what finds a barcode in whatever form it is stored: a GTIN without zeros before it."""
    return text.lstrip("0") or text if _is_gtin(text) else text


def check_digit(digits: str) -> str:
    """Return the digit that ends a GTIN: from the right, every other digit counts three times."""
    total = sum(
        int(digit) * (3, 1)[position % 2] for position, digit in enumerate(reversed(digits))
    )
    return str(-total % 10)


def _is_gtin(text: str) -> bool:
    return GTIN.match(text) is not None and text[-1] == check_digit(text[:-1])


def _check_text(text: str, *, limit: int) -> None:
    if len(text) > limit:
        raise CodeError(TOO_LONG, length=len(text), limit=limit)
    for character in text:
        if unicodedata.category(character) in UNSEEN:
            shown = "".join(one if one.isprintable() else "�" for one in text)
            raise CodeError(UNSEEN_CHARACTER, value=shown, character=f"U+{ord(character):04X}")
    if text != text.strip():
        raise CodeError(SPACE_AT_END, value=text)
