"""Modules and classes are called by nouns of the field: a participle names no thing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.lints.modules import ROOT
from tests.lints.names import FOLDERS

# The last word of a name, be it written with_underscores or InCapitals.
LAST_WORD = re.compile(r"([A-Z]?[a-z]+|[A-Z]+)$")
PARTICIPLE = re.compile(
    r"[a-z]+(?:ed|ing|wn)|gone|held|kept|left|made|met|said|seen|sent|taken|told|written"
)
# Nouns that end as participles do: the trade's, and those of a program's parts.
NOUNS = {
    "folding", "holding", "listing", "locking", "meaning", "need", "picking", "placing", "planning",
    "reading", "routing", "scheduling", "sourcing", "staging", "timing", "tracking", "wording",
    "writing",
}  # fmt: skip


def findings() -> Iterator[str]:
    """Yield a sentence for each module or class that is called by a participle."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT)
            if "migrations" not in name.parts:
                for participle in participles(name, path.read_text()):
                    yield f"{name}: {participle} is a participle; name the thing"


def participles(path: Path, source: str) -> Iterator[str]:
    """Yield the participles among the names of a module and of its classes.

    Modules of tests are called by what they test.
    """
    own = path.parent.name if path.stem == "__init__" else path.stem
    names = [] if own.startswith("test_") else [own]
    names += [node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    yield from (name for name in names if _is_participle(name))


def _is_participle(name: str) -> bool:
    found = LAST_WORD.search(name)
    word = found[0].lower() if found else ""
    return bool(PARTICIPLE.fullmatch(word)) and word not in NOUNS
