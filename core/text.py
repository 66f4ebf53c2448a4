"""Texts: marked for translation where gettext may not be imported, and fit to be stored. PURE."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# NUL, and half of a pair of surrogates: no column keeps them.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message to translate, with named gaps that ``values`` fill; quantities are decimals."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


class FaultError(ValueError):
    """What is wrong, as a sentence ``message`` with named gaps for ``values``."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values)
        self.message = message
        self.values: Mapping[str, object] = values


def is_storable(text: str) -> bool:
    """Whether a text could be in the database at all."""
    return UNSTORABLE.search(text) is None


def row_key(text: str) -> int | None:
    """Return the key of a row as an address or a form has it; None for what no row can have."""
    key = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
    return None if key is None or key >= 2**63 else key


# Marks a text that the catalogues collect and an interface translates; it stays as it is.
gettext_noop = str
