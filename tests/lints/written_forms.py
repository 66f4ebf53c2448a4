"""Quantities, money and dates are written by core.formats alone."""

import re
from collections.abc import Iterator

from tests.lints.translations import ROOT, SOURCES

HOME = "core/formats.py"
# It is pure, and knows no reader.
PURE = "inventory/files/sheet.py"
# Django's own ways, and Python's: grouped numbers, the times of day and month names.
IN_PYTHON = re.compile(
    r"\b(?:date_format|time_format|number_format|localize|intcomma|naturaltime|timesince)\(|"
    r"\{[^{}]*:,(?:\.\d+f)?\}|\{[^{}]*:%[HIbBdej][^{}]*\}|"
    r"\{[\w.]*\b(?:amount|total|price)\} ?\{[\w.]*currency\}|"
    # How many decimals an amount has is its currency's to say.
    r"\{[\w.]*\b(?:amount|total|price|value):\.2f\}|Decimal\(\"0\.01\"\)|decimal_places=2\b"
)
# A quantity as it is typed, or posted back: it is read again, so it is not grouped.
TYPED = re.compile(r"\bformat_quantity\(")
INTERFACES = re.compile(r"(?:^|/)(?:admin|api|management|notices|search)/")
READ_AGAIN = {
    "core/admin/list_page/address.py",
    "fulfillment/admin/inconsistencies.py",
    "inventory/admin/bulk/actions.py",
    "inventory/admin/bulk/transfer_forms.py",
    "inventory/admin/item_list.py",
    "inventory/admin/supply_words.py",
}
# Machines read ISO times: date:'c'.
IN_TEMPLATES = re.compile(
    r"\|(?:time|floatformat|intcomma|localize|unlocalize|naturaltime|timesince|timeuntil)\b|"
    r"\|date\b(?!:['\"]c['\"])|\{\{ ?[\w.]+(?:amount|total|price) ?\}\}|"
    r"\w*(?:amount|total)\ \}\}\ \{\{\ [\w.]*currency"
)


# A label before a colon, which French has a space before: ``labelled`` writes it. Within a text to
# translate the colon is the translator's; a style names a color so.
GLUED = re.compile(r"(?<!weight )\}\}:(?=\s*(?:\{\{|<))")
TO_TRANSLATE = re.compile(r"\{% blocktrans.*?\{% endblocktrans(?:late)? %\}", re.DOTALL)


def findings() -> Iterator[str]:
    """Yield a sentence for each other way to write a number, an amount or a date."""
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    for paths, forms in ((SOURCES, IN_PYTHON), (templates, IN_TEMPLATES)):
        for path in paths:
            name = path.relative_to(ROOT).as_posix()
            if name in {HOME, PURE}:
                continue
            source = path.read_text()
            found = [*other_forms(source, forms)]
            if forms is IN_TEMPLATES:
                found += other_forms(without_texts(source), GLUED)
            if INTERFACES.search(name) and name not in READ_AGAIN:
                found += other_forms(source, TYPED)
            for line, text in found:
                yield f"{name}:{line}: “{text}” is not of {HOME}; use its functions or filters"


def without_texts(template: str) -> str:
    """Return a template with blanks where it has texts to translate."""
    return TO_TRANSLATE.sub(lambda found: re.sub(r"\S", " ", found[0]), template)


def other_forms(source: str, forms: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each part of ``source`` that one of ``forms`` matches."""
    for found in forms.finditer(source):
        yield source.count("\n", 0, found.start()) + 1, found.group()
