"""New values of any number of rows, as a relation that statements read.

Arrays hold what a person or a program sends, a temporary table what a file says. The columns
of the relation are the keys of the rows, and for each column its new value with ``sets_…``,
whether there is one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any, ClassVar

from core.sql import fetch_rows, listed
from inventory.options import OptionKind

OPTION_TYPES = {
    OptionKind.YES_NO: "boolean",
    OptionKind.CHOICE: "text",
    OptionKind.QUANTITY: "numeric",
    OptionKind.WHOLE: "integer",
    OptionKind.PERIOD: "text",
}
# An array of values, and one that says which rows set the column.
ARRAYS = "%s::{}[], %s::boolean[]"


@dataclass(frozen=True, slots=True)
class RowValues:
    """The relation of new values, as it stands after FROM, with its parameters."""

    relation: str
    parameters: Sequence[Any] = ()

    # What each row becomes, with ``was_…`` for what it was, and the names that it uses.
    becoming: ClassVar[str]
    names: ClassVar[Mapping[str, str]]

    def sql(self, template: str) -> str:
        """Return ``template`` over this relation, ``$wanted``, with ``$becoming`` and its names.

        ``$is_changed`` holds for the rows of ``$becoming`` that change.
        """
        names = {**self.names, **self.own_names(), "wanted": self.relation}
        becoming = Template(self.becoming).substitute(names)
        return Template(template).substitute(names, becoming=becoming)

    def own_names(self) -> Mapping[str, str]:
        """Return the names that are not the same for every relation."""
        return {}

    def rows(self, template: str, *others: Any) -> list[tuple[Any, ...]]:
        """Return the rows that ``template`` finds; ``others`` are its own parameters."""
        return fetch_rows(self.sql(template), [*self.parameters, *others])


def relation_of_arrays(keys: Mapping[str, str], columns: Mapping[str, str]) -> str:
    """Return the relation of rows that are sent as arrays: keys, then columns with ``sets_…``."""
    arrays = f"{listed('%s::{}[]', keys.values())}, {listed(ARRAYS, columns.values())}"
    names = f"{', '.join(keys)}, {listed('{0}, sets_{0}', columns)}"
    return f"(SELECT * FROM unnest({arrays}) AS sent({names}))"  # noqa: S608 - constants alone


def arrays_of(rows: Collection[Mapping[str, Any]], columns: Iterable[str]) -> list[list[Any]]:
    """Return the arrays of ``columns``, each followed by the one that says which rows set it."""
    arrays = []
    for name in columns:
        arrays.append([row.get(name) for row in rows])
        arrays.append([name in row for row in rows])
    return arrays


def differs(names: Iterable[str]) -> str:
    """Return the condition that one of these columns of ``becoming`` is not what it was."""
    return f"({listed('becoming.{0} IS DISTINCT FROM becoming.was_{0}', names, ' OR ')})"
