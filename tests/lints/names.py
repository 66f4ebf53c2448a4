"""A word names one thing: to place is what is done to an order, and nothing else is a place."""

import ast
import re
from collections.abc import Iterator

from tests.lints.modules import ROOT

FOLDERS = (
    "benchmarks", "config", "core", "demo", "deploy", "docs", "fulfillment", "inventory",
    "orders", "tests",
)  # fmt: skip
WORD = re.compile(r"(?<![a-z])places?(?![a-z])")
# Between the words of a class's name.
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def findings() -> Iterator[str]:
    """Yield a sentence for each name that calls a thing a place."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                for line, name in misnamed_things(path.read_text()):
                    yield f"{path.relative_to(ROOT)}:{line}: {name} is a place; name what it is"


def misnamed_things(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each thing that ``source`` calls a place.

    A function, or a parameter that is one, may place orders, and a class may be about placing
    them: its name begins with the verb. Names of tests are sentences.
    """
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                is_act = name != "Place" and _words(name).startswith(("place_", "test_"))
            case ast.arg(arg=name, annotation=kind):
                is_act = kind is not None and "Callable" in ast.unparse(kind)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                is_act = False
            case _:
                continue
        if WORD.search(_words(name)) and not is_act:
            yield node.lineno, name


def _words(name: str) -> str:
    """Return the words of a name in small letters, with an underscore after each."""
    return f"{CAPITAL.sub('_', name).lower().lstrip('_')}_"
