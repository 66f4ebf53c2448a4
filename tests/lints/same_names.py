"""A module or a class has a name of its own: what is different is not called the same."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

from tests.lints.modules import APPS, ROOT

FOLDERS = (*APPS, "benchmarks", "deploy", "docs", "tests")
# The layers of an app, and the kinds of module that a page, a kit or a format has one of.
LAYERS = {
    "actions", "admin", "api", "apps", "errors", "faults", "fields", "files", "filters",
    "formats", "forms", "management", "models", "operations", "page", "pages", "ports", "queries",
    "tasks", "templatetags", "urls", "wording", "words",
}  # fmt: skip
# Subjects that several apps, or parts of one layer, have a share in: one meaning everywhere.
SUBJECTS = {
    "address", "back_in_stock", "broker", "bulk", "bulk_change", "cancellation", "customer_pages",
    "documents", "fractions", "history", "inconsistencies", "last_visit", "ledger", "note",
    "notes", "notices", "options", "payments", "people", "placing", "preview", "promises",
    "receipts", "search", "selection", "shipments", "theme",
}  # fmt: skip
# Django finds a management command by the name of its class.
DJANGO_NAMES = {"Command"}


def findings() -> list[str]:
    """Return a sentence for each name that stands for two things."""
    sources = {
        str(path.relative_to(ROOT)): path.read_text()
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    }
    return [*classes_named_twice(sources), *modules_named_twice(sources)]


def classes_named_twice(sources: dict[str, str]) -> Iterator[str]:
    """Yield the class names that stand in two modules of ``sources``, a text by its path."""
    modules_of: defaultdict[str, list[str]] = defaultdict(list)
    for name, source in sources.items():
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef) and node.name not in DJANGO_NAMES:
                modules_of[node.name].append(name)
    for class_name, modules in modules_of.items():
        if len(modules) > 1:
            yield f"{class_name}: one name for classes in {', '.join(modules)}; name each apart"


def modules_named_twice(paths: Iterable[str]) -> Iterator[str]:
    """Yield the names of modules, by their paths, that stand in two apps or twice in one layer.

    The layers of one app may share the name of what they are about, and a package may hold a
    module of its own name.
    """
    modules_of: defaultdict[str, list[Path]] = defaultdict(list)
    for path in map(Path, paths):
        if path.parts[0] in APPS and "commands" not in path.parts:
            name = path.parent.name if path.stem == "__init__" else path.stem
            modules_of[name].append(path)
    for name, modules in modules_of.items():
        if name not in LAYERS | SUBJECTS and any(
            _are_apart(one, other) for one, other in combinations(modules, 2)
        ):
            shown = ", ".join(map(str, modules))
            yield f"{name}: one name for modules {shown}; name each apart"


def _are_apart(one: Path, other: Path) -> bool:
    if one.parts[0] != other.parts[0]:
        return True
    is_own_package = one.parent == other.parent
    return one.with_suffix("").parts[1] == other.with_suffix("").parts[1] and not is_own_package
