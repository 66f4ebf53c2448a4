"""The page of every format of file, from the formats themselves."""

from docs.tables import table
from inventory.files import delivery_note
from inventory.files.file_format import FileFormat
from inventory.files.file_formats import FORMATS
from inventory.models import ImportFile
from inventory.models.import_file import label_of_behavior

INTRODUCTION = """\
What a file may look like is in [File formats](file-formats.md), and how it is brought in, in the
guide [Import a file](../guides/merchant-import.md). Columns are found by their name, in any order;
columns that are not named here are ignored.
"""
NOTE = """\
## Delivery note

It fills the sheet of a delivery, which is then reviewed. `sku` may hold a barcode.
"""
KINDS = {
    "text": "text",
    "integer": "whole number",
    "numeric": "number",
    "date": "day, as in `2026-12-31`",
    "boolean": "1 or 0",
}
# Their columns have a page of their own.
PRODUCTS = ImportFile.Format.PRODUCTS.value


def page() -> str:
    """Return the page's text below its title."""
    return "\n".join([INTRODUCTION, *(_section(code) for code in FORMATS), _delivery_note()])


def _section(code: str) -> str:
    file_format = FORMATS[code]
    parts = [f"## {ImportFile.Format(code).label}\n", _behaviors(code, file_format)]
    if file_format.group:
        parts.append(f"Rows with the same `{file_format.group}` are written together.\n")
    if file_format.most_rows is not None:
        parts.append(f"A file has at most {file_format.most_rows:,} rows.\n")
    if code == PRODUCTS:
        parts.append("The columns are in [Columns of the product file](product_columns.md).\n")
    else:
        rows = [_column(file_format, name) for name in file_format.columns]
        parts.append(table(("Column", "Holds", "Also called"), rows) + "\n")
    return "\n".join(parts)


def _behaviors(code: str, file_format: FileFormat) -> str:
    rows = [
        (label_of_behavior(code, behavior), ", ".join(f"`{name}`" for name in needed))
        for behavior, needed in file_format.behaviors.items()
    ]
    return table(("What a file does", "Columns that it needs"), rows) + "\n"


def _column(file_format: FileFormat, name: str) -> tuple[str, str, str]:
    others = [other for other, meant in file_format.other_names.items() if meant == name]
    kind = KINDS[file_format.staged.get(name, "text")]
    return f"`{name}`", kind, ", ".join(f"`{other}`" for other in others) or "–"


def _delivery_note() -> str:
    rows = [
        (f"`{name}`", "yes" if name in delivery_note.REQUIRED else "no")
        for name in delivery_note.COLUMNS
    ]
    most = f"A file has at most {delivery_note.MOST_ROWS:,} rows.\n"
    return f"{NOTE}\n{most}\n{table(('Column', 'Needed'), rows)}\n"
