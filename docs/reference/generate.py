"""Writes ``options.md`` and ``product_columns.md`` here from the one table of options.

Run it after a change of ``inventory/options.py``: ``python -m docs.reference.generate``.
"""

from pathlib import Path

from inventory.files.product_columns import OPTION_COLUMNS, OWN_COLUMNS, OptionColumns
from inventory.option_rules import MESSAGES
from inventory.options import OPTIONS, Group, OptionKind, Scope, StockOption

PAGE = Path(__file__).with_name("options.md")
COLUMNS_PAGE = Path(__file__).with_name("product_columns.md")
TITLES = {
    Group.STOCK: "Stock Options",
    Group.PRODUCT_STOCK: "Product Stock Options",
    Group.RELEASE: "Backorder Release",
}
KINDS = {
    OptionKind.YES_NO: "yes or no",
    OptionKind.QUANTITY: "quantity",
    OptionKind.WHOLE: "whole number",
    OptionKind.PERIOD: "days, weeks or months",
}
SCOPES = {
    Scope.GLOBAL: "configuration",
    Scope.PRODUCT: "product",
    Scope.SOURCE_ITEM: "source item",
}
HEAD = """# Options

Generated from `inventory/options.py` by `python -m docs.reference.generate`; do not edit.

An option is resolved at the source item, then the product, then the configuration, and last the
system default: the first of these that has a value of its own counts. An option marked ° does
not show while Manage Stock is No.
"""
COLUMNS_HEAD = """# Columns of the product file

Generated from `inventory/options.py` by `python -m docs.reference.generate`; do not edit.

All but `sku` may be left out; an empty cell leaves the value as it is. Other columns are ignored.
Labels and the usual words for yes and no are read too, and *Use Config* in the column of an option
lets it follow the configuration.

| Column | What it holds |
|---|---|
"""

REFUSED = """## Values that are refused together

On every page, over the API and in files; what is inherited is corrected where it is set. A value
that has merely no effect now is not refused: a sentence beside it says so.
"""


def page() -> str:
    """Return the reference page of every option."""
    return "\n".join([HEAD, *(_section(group) for group in Group), _refusals()])


def columns_page() -> str:
    """Return the reference page of the product file's columns."""
    rows = [f"| `{name}` | {meaning} |" for name, meaning in OWN_COLUMNS.items()]
    for columns in OPTION_COLUMNS:
        rows.append(f"| `{columns.value}` | {columns.option.label}: {_cells(columns)}. |")
        if columns.use_config:
            meaning = f"1: {columns.option.label} follows the configuration, whatever stands "
            rows.append(f"| `{columns.use_config}` | {meaning}in `{columns.value}`. |")
    return COLUMNS_HEAD + "\n".join(rows) + "\n"


def _cells(columns: OptionColumns) -> str:
    option = columns.option
    if option.choices:
        return ", ".join(f"{number} {label}" for number, (_, label) in enumerate(option.choices))
    if option.kind is OptionKind.YES_NO:
        return "1 yes, 0 no"
    return _values(option)


def _section(group: Group) -> str:
    rows = [_row(option) for option in OPTIONS if option.group is group]
    head = "| Option | Code name | Values | Default | Set at | Meaning |\n|---|---|---|---|---|---|"
    return "\n".join([f"## {TITLES[group]}\n", head, *rows, ""])


def _refusals() -> str:
    gaps = {"minimum": "*m*", "maximum": "*n*", "increment": "*q*", "quantity": "*q*"}
    gaps |= {"on_hand": "*sources*", "incoming": "*sources*", "ordered": "*orders*"}
    rows = [f"| `{code}` | {message % gaps} |" for code, message in MESSAGES.items()]
    return "\n".join([REFUSED, "| Code | What is wrong |\n|---|---|", *rows, ""])


def _row(option: StockOption) -> str:
    mark = " °" if option.is_hidden_without_stock else ""
    scopes = ", ".join(SCOPES[scope] for scope in Scope if scope in option.scopes)
    meaning = option.help_text
    if option.shown_when:
        meaning += f" Shown while `{option.shown_when}` is Yes."
    cells = (option.label + mark, f"`{option.name}`", _values(option), _default(option), scopes)
    return f"| {' | '.join(cells)} | {meaning} |"


def _values(option: StockOption) -> str:
    if option.choices:
        return ", ".join(label for _value, label in option.choices)
    least = "" if option.minimum is None else f", {option.minimum} or more"
    return KINDS[option.kind] + least


def _default(option: StockOption) -> str:
    if option.choices:
        return dict(option.choices)[option.default]
    if option.kind is OptionKind.YES_NO:
        return "Yes" if option.default else "No"
    if option.kind is OptionKind.PERIOD:
        return f"{option.default.quantity} {option.default.unit.lower()}"
    return "none" if option.default is None else str(option.default)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    COLUMNS_PAGE.write_text(columns_page(), encoding="utf-8")
