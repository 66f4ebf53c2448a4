"""Words about a person, wherever they stand in the texts of the database."""

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

from django.db import connection, transaction
from psycopg import adapters

# How many letters or digits a word has at least: shorter ones stand in other texts by chance.
SHORTEST_WORD = 4
ERASE = "SELECT core_erase_words(%s, %s, %s)"
# The table of the columns from which that function erases.
ERASABLE = "core_erasable_column"
EMPTY_ERASABLE = f"DELETE FROM {ERASABLE}"  # noqa: S608 - a constant
ADD_ERASABLE = f"INSERT INTO {ERASABLE} VALUES (%s, %s)"  # noqa: S608 - a constant
MOST_FOUND = 10_000
# A cursor gives documents as they are written.
DOCUMENT = adapters.types["jsonb"].oid


def pattern_of(words: Iterable[str]) -> str:
    """Return the regular expression, of PostgreSQL and Python alike, that finds any of ``words``.

    They are found as whole words, also as addresses, HTML and JSON write them. Words that are too
    short are left out; "" where none is left.
    """
    forms = {form for word in words if is_long_enough(word) for form in _forms(word)}
    if not forms:
        return ""
    # The longest first: a street may begin as another text does.
    found = "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
    return f"(?<![[:alnum:]])({found})(?![[:alnum:]])"


def is_long_enough(word: str) -> bool:
    """Return whether a word has the letters or digits that it is looked for by."""
    return sum(map(str.isalnum, word)) >= SHORTEST_WORD


def count_texts(table: str, column: str, pattern: str) -> int:
    """Return in how many rows a text has what ``pattern`` finds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_naming(table, column)}", [pattern])
        return int(cursor.fetchone()[0])


def find_texts(table: str, column: str, pattern: str) -> list[Any]:
    """Return the texts and documents that have what ``pattern`` finds, at most 10,000."""
    with connection.cursor() as cursor:
        shown = connection.ops.quote_name(column)
        cursor.execute(
            f"SELECT {shown} {_naming(table, column)} ORDER BY 1 LIMIT {MOST_FOUND}", [pattern]
        )
        values = [value for (value,) in cursor.fetchall()]
        is_document = cursor.description[0].type_code == DOCUMENT
    return [json.loads(value) for value in values] if is_document else values


def erase_texts(table: str, column: str, pattern: str) -> int:
    """Write … for what ``pattern`` finds, also in tables that only grow; return in how many rows.

    The owner's function does it: the app's role may not.

    :raises django.db.DatabaseError: if the column is none of :func:`declare_erasable`.
    """
    with connection.cursor() as cursor:
        cursor.execute(ERASE, [table, column, pattern])
        return int(cursor.fetchone()[0])


def declare_erasable(columns: Iterable[tuple[str, str]]) -> None:
    """Say from which columns, by table, words may be erased: of these and of no others.

    Connected as the owner of the tables, in a transaction of its own. A database that was migrated
    back to where it has no such list stays as it is.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [ERASABLE])
        if cursor.fetchone() == (None,):
            return
        cursor.execute(EMPTY_ERASABLE)
        cursor.executemany(ADD_ERASABLE, sorted(set(columns)))


def excerpts(value: Any, pattern: str) -> Iterator[str]:
    """Yield the lines of a text that are about the person; not those about others.

    Of a document, also one that a text holds, those of its names and values.
    """
    python = re.compile(pattern.replace("[[:alnum:]]", r"[^\W_]"), re.IGNORECASE)
    for text in _texts_in(value):
        yield from (line for line in text.splitlines() if python.search(line))


def _texts_in(value: Any) -> Iterator[str]:
    """Yield each text of a document; numbers, too: one may be that of a phone."""
    if isinstance(value, dict):
        for part in (*value, *value.values()):
            yield from _texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts_in(part)
    elif isinstance(value, str) and (document := _document_in(value)) is not None:
        yield from _texts_in(document)
    else:
        yield str(value)


def _document_in(text: str) -> dict[str, Any] | list[Any] | None:
    """Return the document that a text holds, if it holds one."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        document: dict[str, Any] | list[Any] = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document


def _forms(word: str) -> Iterator[str]:
    plain = word.strip()
    yield plain
    yield quote(plain)
    yield quote_plus(plain)
    yield escape(plain)
    yield json.dumps(plain, ensure_ascii=False)[1:-1]


def _naming(table: str, column: str) -> str:
    """Return the clauses that choose the rows whose text has the pattern of the one parameter."""
    quoted = connection.ops.quote_name
    return f"FROM {quoted(table)} WHERE {quoted(column)}::text ~* %s"
