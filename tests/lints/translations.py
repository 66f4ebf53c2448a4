"""Every string that a person reads can be translated: in templates, in scripts and in code."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from django.template.base import Lexer, Token, TokenType

from fulfillment.queries.product_jobs import JOBS

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "core", "demo", "fulfillment", "inventory", "orders")
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
SOURCES = [
    path
    for app in APPS
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
]
SCRIPTS = sorted(path for app in APPS for path in (ROOT / app / "static" / app).rglob("*.js"))

LETTER = re.compile(r"[^\W\d_]")
# Attributes that are read aloud or shown.
READ_ATTRIBUTES = ("aria-label", "alt", "placeholder", "title", "aria-description")
SILENT = {"script", "style", "kbd"}
GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy",
           "pgettext", "pgettext_lazy", "npgettext"}  # fmt: skip
CHOICES = {"TextChoices", "IntegerChoices"}
SHOWN_KEYWORDS = {"verbose_name", "verbose_name_plural", "help_text", "label", "description",
                  "violation_error_message", "empty_label", "short_description",
                  "empty_value_display"}  # fmt: skip
# A sentence, which may begin with a value; or a phrase of several words, as of a button or title.
A_SENTENCE = re.compile(r"^[A-Z“0][^\n]* [^\n]*[.!?]$|^[A-Z“][a-z’]*(?: [^\s%]+)+$")
# What is told to whoever writes programs, not to people: mistakes of the caller, lines of the log,
# the API's manual; and failures that interfaces tell in words of their own.
CALLERS_MISTAKES = {"TypeError", "ValueError", "RuntimeError", "LookupError",
                    "InsufficientSupplyError", "NotAllocatedError", "OperationalError",
                    "add_note", "logger"}  # fmt: skip
MANUAL = {"OpenApiParameter", "OpenApiResponse", "OpenApiExample"}
# What runs before Django, is told to whoever runs the program, speaks for a gateway, or is read
# and never shown.
PLAIN_ENGLISH = ("config/local_services", "config/commands.py", "config/preflight.py",
                 "config/environment.py", "config/insecurities.py", "config/database_roles.py",
                 "config/service_addresses.py",
                 "config/supervisor.py",
                 "config/settings.py", "config/management", "config/metrics.py", "config/gauges.py",
                 "config/health.py", "management/commands", "core/api/access.py",
                 "core/api/schema.py", "demo",
                 "orders/payments/gateways.py", "core/country_names.py")  # fmt: skip
# Names of rows: of a schedule, of a permission.
NAMES = {job.name for job in JOBS} | {
    "Can cancel units of orders",
    "Can refund units of orders",
    "Can receive deliveries of future supply",
    "Can receive the daily digest of low stock",
    "Can receive the weekly digest of demand",
    "Can look up, export and erase personal data",
}
# Keys of the keyboard, and the values of a choice of yes or no.
KEYS_AND_VALUES = {"Enter", "Escape", "Tab", "True", "False"}


class PageTexts(HTMLParser):
    """Collects what of a page is shown or read aloud, save the names of keys and of icons."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._is_silent = False

    def handle_starttag(self, tag: Any, attrs: Any) -> None:
        is_icon = "material-symbols-outlined" in (dict(attrs).get("class") or "")
        self._is_silent = is_icon or tag in SILENT
        self.texts += [value for name, value in attrs if name in READ_ATTRIBUTES and value]

    def handle_endtag(self, tag: Any) -> None:
        self._is_silent = False

    def handle_data(self, data: Any) -> None:
        if not self._is_silent:
            self.texts.append(data)


def shown_in(html: str) -> list[str]:
    parser = PageTexts()
    parser.feed(html)
    parser.close()
    return [text.strip() for text in parser.texts if LETTER.search(text)]


# What a tag or a filter takes that a person reads: {% include "x" with title="Save" %}.
TAG_TEXT = re.compile(
    r"""(?<!class)=\s*["']([^"']*)["']
    | \|(?:default|default_if_none|yesno|pluralize):"([^"]*)\"""",
    re.VERBOSE,
)
NOT_READ = {"url", "static", "load", "extends", "if", "elif", "ifequal", "get_current_language"}


def texts_of_tag(token: Token) -> list[str]:
    """Return the words that stand in a tag as they are: with capitals or spaces; no names,
    and no keys of the keyboard."""
    if token.token_type is TokenType.BLOCK and token.split_contents()[0] in NOT_READ:
        return []
    told = [one or other for one, other in TAG_TEXT.findall(token.contents)]
    read = re.compile(r"^[A-Z][a-z]+(?![a-z]| \+)|[a-z] [a-z]")
    return [text for text in told if read.search(text)]


def bare_texts(template: str) -> list[str]:
    """Return what a template shows that no tag translates."""
    kept, is_inside, told = [], False, []
    for token in Lexer(template).tokenize():
        if token.token_type in {TokenType.BLOCK, TokenType.VAR}:
            told += texts_of_tag(token)
        if token.token_type is TokenType.BLOCK:
            name = token.split_contents()[0]
            if name in {"blocktranslate", "blocktrans"}:
                is_inside = True
            elif name in {"endblocktranslate", "endblocktrans"}:
                is_inside = False
        elif token.token_type is TokenType.TEXT and not is_inside:
            kept.append(token.contents)
    return shown_in(" ".join(kept)) + told


def inside_calls(tree: ast.AST, names: set[str]) -> set[int]:
    """Return the ids of the nodes that stand inside a call of one of ``names``."""
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) & names
        for inner in ast.walk(node)
    }


def called(node: ast.Call) -> set[str]:
    """Return the name of what is called, and of what it is called on."""
    owner = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return {name_of(node.func), name_of(owner)}


def name_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def docstrings(tree: ast.AST) -> set[int]:
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def pieces(tree: ast.AST) -> set[int]:
    """Return the ids of the texts of f-strings, which are looked at whole."""
    return {
        id(piece)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for piece in node.values
    }


def text_of(node: ast.AST) -> str:
    """Return the text of a literal, with a letter for each gap of an f-string."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(piece.value) if isinstance(piece, ast.Constant) else "0" for piece in node.values
        )
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def untranslated(source: str, *, is_api: bool = False) -> list[str]:
    """Return the texts of a module that people read and that gettext does not see."""
    tree = ast.parse(source)
    unread = GETTEXT | CALLERS_MISTAKES | (MANUAL if is_api else set())
    skipped = inside_calls(tree, unread) | docstrings(tree)
    keywords = SHOWN_KEYWORDS - ({"description", "help_text"} if is_api else set())
    manual = {
        id(node.value)
        for node in ast.walk(tree)
        if is_api and isinstance(node, ast.keyword) and node.arg in {"description", "help_text"}
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in skipped | manual:
            continue
        if isinstance(node, ast.keyword) and node.arg in keywords:
            found += plain(node.value, skipped)
        elif isinstance(node, (ast.Constant, ast.JoinedStr)):
            text = text_of(node)
            is_read = A_SENTENCE.match(text) and text not in NAMES
            found += [text] if is_read and id(node) not in pieces(tree) else []
        elif isinstance(node, ast.ClassDef) and CHOICES & set(map(name_of, node.bases)):
            found += choices_without_label(node, skipped)
    return sorted(set(found))


def plain(node: ast.AST, skipped: set[int]) -> list[str]:
    text = text_of(node)
    return [text] if LETTER.search(text) and id(node) not in skipped else []


def choices_without_label(node: ast.ClassDef, skipped: set[int]) -> list[str]:
    values = [line.value for line in node.body if isinstance(line, ast.Assign)]
    return [
        text
        for value in values
        for text in plain(value.elts[1] if isinstance(value, ast.Tuple) else value, skipped)
    ]


def built_inside(source: str) -> list[str]:
    """Return the calls of gettext whose text is put together before it is translated."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and name_of(node.func) in GETTEXT
        and node.args
        and (
            isinstance(node.args[0], (ast.JoinedStr, ast.BinOp))
            or (isinstance(node.args[0], ast.Call) and name_of(node.args[0].func) == "format")
        )
    ]


def interfaces() -> list[Path]:
    return [
        path
        for path in SOURCES
        if not any(part in str(path.relative_to(ROOT)) for part in PLAIN_ENGLISH)
    ]


def said_by(script: str) -> list[str]:
    """Return what a script would show of its own: sentences, phrases, and words with capitals."""
    code = re.sub(r"(?m)^\s*//.*|/\*[\s\S]*?\*/", "", script)
    texts = re.findall(r""""([^"\n]*)"|`([^`]*)`|'([^'\n]*)'""", code)
    said = re.compile(rf"{A_SENTENCE.pattern}|^[A-Z][a-z]+$|^[a-z]+(?: [a-z]+){{2,}}$")
    found = [text for triple in texts for text in triple if said.match(text)]
    return [text for text in found if text not in KEYS_AND_VALUES]


def findings() -> list[str]:
    """Return a sentence for each string that people read and that cannot be translated."""
    found = [(path, text) for path in TEMPLATES for text in bare_texts(path.read_text())]
    found += [(path, text) for path in SCRIPTS for text in said_by(path.read_text())]
    for path in interfaces():
        source = path.read_text()
        texts = untranslated(source, is_api="api" in path.parts) + built_inside(source)
        found += [(path, text) for text in texts]
    return [f"{path.relative_to(ROOT)}: “{text}” cannot be translated" for path, text in found]
