"""The messages that the code and its packages give to be translated."""

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from babel.messages.mofile import read_mo
from django.utils.translation.template import templatize

from tests.lints.catalogues import LANGUAGES, as_list
from tests.lints.translations import APPS, GETTEXT, ROOT

# Packages that people see and of which all texts are ours to translate.
PACKAGES = ("unfold", "django_celery_beat")
# Those of which only what they do not translate into every language is: Django would show it in
# the language of the site.
TRANSLATED_PACKAGES = ("django", "django_filters", "rest_framework")
NOT_INSTALLED = {"admindocs", "flatpages", "gis", "humanize", "redirects", "sitemaps", "sites"}
# Folders below them that nobody sees.
UNREAD = {
    *NOT_INSTALLED,
    "migrations",
    "locale",
    "tests",
    "import_export",
    "guardian",
    "simple_history",
    "location_field",
    "constance",
    "management",
}
TEXT = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(_|gettext|ngettext|pgettext|npgettext)\(((?:{TEXT}(?:,\s*)?)+)", re.DOTALL)
ONE_TEXT = re.compile(TEXT, re.DOTALL)


class Message(NamedTuple):
    """What a call of gettext asks for: a text, its plural and its context, where it has them."""

    text: str
    plural: str | None = None
    context: str | None = None


def message_of(name: str, texts: list[str]) -> Message | None:
    """Return the message of a call of the function ``name`` with these texts."""
    context = texts.pop(0) if "pgettext" in name and texts else None
    if not texts or not texts[0]:
        return None
    plural = texts[1] if name.startswith("n") and "noop" not in name and len(texts) > 1 else None
    return Message(texts[0], plural, context)


def of_source(source: str) -> Iterator[Message]:
    """Yield the messages of Python code."""
    names = GETTEXT | {f"{name}_noop" for name in ("gettext", "ngettext", "pgettext")}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
        if name not in names:
            continue
        texts = [
            arg.value
            for arg in node.args
            if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        message = message_of(name.removesuffix("_lazy"), texts)
        if message is not None:
            yield message


def of_template(template: str) -> Iterator[Message]:
    """Yield the messages of a template."""
    for name, arguments in CALL.findall(templatize(template)):
        texts = [ast.literal_eval(text) for text in ONE_TEXT.findall(arguments)]
        message = message_of(name, texts)
        if message is not None:
            yield message


def _files(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            is_read = path.suffix in {".py", ".html", ".txt", ".svg"}
            if is_read and not UNREAD & set(parts):
                yield path


def messages(folders: list[Path]) -> dict[Message, list[str]]:
    """Return the messages of all files below the folders, with the files that have each."""
    found: dict[Message, list[str]] = {}
    for path in _files(folders):
        text = path.read_text(encoding="utf-8")
        for message in (of_source if path.suffix == ".py" else of_template)(text):
            files = found.setdefault(message, [])
            name = path.as_posix().removeprefix(f"{ROOT.as_posix()}/")
            if name not in files:
                files.append(name)
    return found


def own_messages() -> dict[Message, list[str]]:
    """Return the project's messages, with the files that have each."""
    return messages([*(ROOT / app for app in APPS), ROOT / "templates"])


def package_messages() -> dict[Message, list[str]]:
    """Return the messages of packages that these do not translate into every language."""
    folders = _folders(TRANSLATED_PACKAGES)
    translated = [_translated(folders, language) for language in LANGUAGES]
    missing = {
        message: files
        for message, files in messages(folders).items()
        if not all((message.text, message.context) in known for known in translated)
    }
    return {**missing, **messages(_folders(PACKAGES))}


def _folders(packages: tuple[str, ...]) -> list[Path]:
    specs = [find_spec(package) for package in packages]
    return [Path(spec.origin).parent for spec in specs if spec and spec.origin]


def _translated(folders: list[Path], language: str) -> set[tuple[str, str | None]]:
    """Return the text and context of what the catalogues of packages have in a language."""
    found = set()
    for folder in folders:
        for path in sorted(folder.rglob(f"locale/{language}/LC_MESSAGES/django.mo")):
            if NOT_INSTALLED & set(path.relative_to(folder).parts):
                continue
            with path.open("rb") as file:
                entries = read_mo(file)
            found |= {
                (as_list(entry.id)[0], entry.context)
                for entry in entries
                if all(as_list(entry.string))
            }
    return found
