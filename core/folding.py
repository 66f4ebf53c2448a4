"""Texts as searches compare them: without accents, apostrophes or case.

"malmo" finds Malmö, and "obrien" or "O’Brien" finds O'Brien. Python folds what a person typed,
the database what it holds; both do the same.
"""

import re
import unicodedata
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Func, TextField, Transform
from django.db.models.sql.compiler import SQLCompiler

PLAIN_APOSTROPHES = "'`"
APOSTROPHES = f"{PLAIN_APOSTROPHES}’‘ʼ′´"
# As a regular expression of both.
MARKS = r"[\u0300-\u036f]"
# Small letters whose stroke or tail is no mark of its own.
STROKES, PLAIN = "øłđħŧıðς", "oldhtidσ"
LIGATURES = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}

_DROPPED = str.maketrans("", "", APOSTROPHES)
_STRAIGHT = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))
_MARK = re.compile(MARKS)
_LETTERS = str.maketrans(dict(zip(STROKES, PLAIN, strict=True)) | LIGATURES)


def folded(text: str) -> str:
    """Return a text as searches compare it."""
    bare = unicodedata.normalize("NFKD", text.translate(_DROPPED))
    return _MARK.sub("", bare).lower().translate(_LETTERS)


def with_plain_apostrophes(text: str) -> str:
    """Return a text with the apostrophe of addresses for every other."""
    return text.translate(_STRAIGHT)


def _sql() -> str:
    """Return the same for the database, of functions that never change, so that indexes hold it."""
    text = "%(expressions)s"
    found = f"normalize(translate({text}, '{_quoted(APOSTROPHES)}', ''), NFKD)"
    found = f"lower(regexp_replace({found}, '{MARKS}', '', 'g'))"
    found = f"translate({found}, '{STROKES}', '{PLAIN}')"
    for ligature, letters in LIGATURES.items():
        found = f"replace({found}, '{ligature}', '{letters}')"
    # What is in plain letters, as most texts are, takes a tenth of the time.
    plain = text
    for apostrophe in PLAIN_APOSTROPHES:
        plain = f"replace({plain}, '{_quoted(apostrophe)}', '')"
    is_plain = f"octet_length({text}) = char_length({text})"
    return f"CASE WHEN {is_plain} THEN lower({plain}) ELSE {found} END"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


class FoldedText(Transform):
    """A column, or an expression of texts, as :func:`folded` has it.

    ``name__folded__contains=folded(text)`` finds it by an index over ``FoldedText("name")``.
    """

    lookup_name = "folded"
    template = _sql()
    output_field = TextField()

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **extra_context: Any,
    ) -> tuple[str, tuple[str | int, ...]]:
        sql, params = super().as_sql(
            compiler, connection, function, template, arg_joiner, **extra_context
        )
        # The template has the expression, with its parameters, so many times.
        return sql, tuple(params) * self.template.count("%(expressions)s")


class ApostropheSpaces(Func):
    """A text with spaces for apostrophes, so that "brien" finds O'Brien too."""

    template = f"translate(%(expressions)s, '{_quoted(APOSTROPHES)}', '{' ' * len(APOSTROPHES)}')"
    output_field = TextField()


CharField.register_lookup(FoldedText)
TextField.register_lookup(FoldedText)
