"""The page of the product file's columns, from the one table of options."""

from docs.reference.options import values_of
from docs.tables import table
from inventory.files.product_columns import OPTION_COLUMNS, OWN_COLUMNS, OptionColumns
from inventory.options import OptionKind

INTRODUCTION = """\
All but `sku` may be left out; an empty cell leaves the value as it is. Other columns are ignored.
Labels and the usual words for yes and no are read too, and *Use Config* in the column of an option
lets it follow the configuration.
"""


def page() -> str:
    """Return the page's text below its title."""
    rows = [(f"`{name}`", meaning) for name, meaning in OWN_COLUMNS.items()]
    for columns in OPTION_COLUMNS:
        rows.append((f"`{columns.value}`", f"{columns.option.label}: {_cells(columns)}."))
        if columns.use_config:
            meaning = f"1: {columns.option.label} follows the configuration, whatever stands "
            rows.append((f"`{columns.use_config}`", f"{meaning}in `{columns.value}`."))
    return f"{INTRODUCTION}\n{table(('Column', 'What it holds'), rows)}\n"


def _cells(columns: OptionColumns) -> str:
    option = columns.option
    if option.choices:
        return ", ".join(f"{number} {label}" for number, (_, label) in enumerate(option.choices))
    if option.kind is OptionKind.YES_NO:
        return "1 yes, 0 no"
    return values_of(option)
