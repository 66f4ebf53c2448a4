"""Modules are short, and pure modules import pure modules alone.

The other directions of imports are contracts of import-linter, in ``pyproject.toml``.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "core", "demo", "fulfillment", "inventory", "orders")
LONGEST_MODULE = 350
# One table, a row an option: splitting it would hide what it is.
TABLES = {"inventory/options.py"}


def findings() -> list[str]:
    """Return a sentence for each module that breaks a rule."""
    sources = {
        str(path.relative_to(ROOT)): path.read_text()
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts
    }
    return [*too_long(sources), *impure()]


def too_long(sources: dict[str, str]) -> Iterator[str]:
    for name, source in sources.items():
        count = len(source.splitlines())
        if count > LONGEST_MODULE and name not in TABLES:
            yield f"{name}: {count} lines; a module has at most {LONGEST_MODULE}"


def impure() -> Iterator[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    pure = next(c for c in contracts["contracts"] if c["type"] == "forbidden")["source_modules"]
    for module in pure:
        for path in files_of(module):
            for name in imported_by(path.read_text()):
                if not is_allowed(name, pure):
                    yield f"{path.relative_to(ROOT)}: a pure module imports {name}"


def is_allowed(name: str, pure: list[str]) -> bool:
    """Whether a pure module may import ``name``."""
    is_standard = name.split(".")[0] in sys.stdlib_module_names
    return is_standard or any(name == other or name.startswith(f"{other}.") for other in pure)


def files_of(module: str) -> list[Path]:
    path = ROOT / module.replace(".", "/")
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def imported_by(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
