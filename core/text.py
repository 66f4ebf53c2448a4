"""Texts marked for translation where gettext may not be imported. PURE."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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


# Marks a text that the catalogues collect and an interface translates; it stays as it is.
gettext_noop = str
