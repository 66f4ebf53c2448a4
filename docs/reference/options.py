"""The page of every stock option, from the one table of options."""

from docs.tables import table
from inventory.option_rules import MESSAGES
from inventory.options import OPTIONS, Group, OptionKind, Scope, StockOption

TITLES = {
    Group.STOCK: "Stock Options",
    Group.PRODUCT_STOCK: "Product Stock Options",
    Group.RELEASE: "Backorder Release",
    Group.PROMISES: "Promises and People",
    Group.NOTICES: "E-Mails to Customers",
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
INTRODUCTION = """\
An option is resolved at the source item, then the product, then the configuration, and last the
system default: the first of these that has a value of its own counts. An option marked ° does
not show while Manage Stock is No.
"""
HEADS = ("Option", "Code name", "Values", "Default", "Set at", "Meaning")
REFUSED = """## Values that are refused together

On every page, over the API and in files; what is inherited is corrected where it is set. A value
that has merely no effect now is not refused: a sentence beside it says so.
"""


def page() -> str:
    """Return the page's text below its title."""
    return "\n".join([INTRODUCTION, *(_section(group) for group in Group), _refusals()])


def _section(group: Group) -> str:
    rows = [_row(option) for option in OPTIONS if option.group is group]
    return f"## {TITLES[group]}\n\n{table(HEADS, rows)}\n"


def _refusals() -> str:
    gaps = {"minimum": "*m*", "maximum": "*n*", "increment": "*q*", "quantity": "*q*"}
    gaps |= {"on_hand": "*sources*", "incoming": "*sources*", "ordered": "*orders*"}
    rows = [(f"`{code}`", message % gaps) for code, message in MESSAGES.items()]
    return f"{REFUSED}\n{table(('Code', 'What is wrong'), rows)}\n"


def _row(option: StockOption) -> tuple[str, ...]:
    mark = " °" if option.is_hidden_without_stock else ""
    scopes = ", ".join(SCOPES[scope] for scope in Scope if scope in option.scopes)
    meaning = option.help_text
    if option.shown_when:
        meaning += f" Shown while `{option.shown_when}` is Yes."
    return (option.label + mark, f"`{option.name}`", values_of(option), _default(option), scopes,
            meaning)  # fmt: skip


def values_of(option: StockOption) -> str:
    """Return what an option's value may be."""
    if option.choices:
        return ", ".join(label for _value, label in option.choices)
    if option.maximum is not None:
        return f"{KINDS[option.kind]}, {option.minimum} to {option.maximum}"
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
