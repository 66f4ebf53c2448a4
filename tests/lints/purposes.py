"""A module has one subject: its docstring says what the module is for without an "and"."""

import ast
from collections.abc import Iterator

from tests.lints.modules import APPS, ROOT

FOLDERS = (*APPS, "benchmarks", "deploy", "docs")


def findings() -> Iterator[str]:
    """Yield a sentence for each module that needs an "and" to say what it is for."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts and has_two_subjects(path.read_text()):
                yield f"{path.relative_to(ROOT)}: its docstring says “and”; name its one subject"


def has_two_subjects(source: str) -> bool:
    """Whether the first paragraph of a module's docstring has an "and"."""
    docstring = ast.get_docstring(ast.parse(source)) or ""
    return "and" in docstring.split("\n\n")[0].split()
