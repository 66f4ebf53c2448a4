"""What setting or clearing an option asks for, at whichever level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from inventory.operations.bulk.rows import RowRefusal
from inventory.option_rules import Conflict
from inventory.options import OptionKind, option


@dataclass(frozen=True, slots=True)
class SetOption:
    """An option and its new value; ``None``: clear it, so that it is inherited again."""

    name: str
    value: Any


def read(values: Mapping[str, Any]) -> SetOption:
    value = values["value"]
    if value is not None and option(values["name"]).kind is OptionKind.QUANTITY:
        value = Decimal(value)
    return SetOption(values["name"], value)


def refusal(known: Sequence[Conflict], found: Sequence[Conflict]) -> RowRefusal | None:
    """Return why a value is refused: the first contradiction that it makes; pure.

    Those that are there already stay to be corrected, and stop nothing else.
    """
    made = [conflict for conflict in found if conflict not in known]
    return RowRefusal(made[0].message, made[0].values) if made else None
