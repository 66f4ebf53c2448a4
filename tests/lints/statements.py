"""Statements take the values of choices from the choices, so that a state is named once."""

import ast
import re
from collections.abc import Collection, Iterator
from enum import StrEnum

from django.db.models import TextChoices

from tests.lints.translations import ROOT, SOURCES

QUOTED = re.compile(r"'([A-Z][A-Z0-9_]*)'")


def findings() -> Iterator[str]:
    """Yield a sentence for each value of a choice that is typed in a statement."""
    known = {
        str(value)
        for kind in (TextChoices, StrEnum)
        for choices in kind.__subclasses__()
        for value in choices
    }
    for path in SOURCES:
        for line, value in typed_values(path.read_text(), known):
            yield f"{path.relative_to(ROOT)}:{line}: '{value}' is typed; take it from its choices"


def typed_values(source: str, known: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield each of the ``known`` values that a text of ``source`` quotes, as SQL does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for value in QUOTED.findall(node.value):
                if value in known:
                    yield node.lineno, value
