"""Words about a person, wherever they stand in the texts of the database."""

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

from django.db import connection, transaction

# Shorter ones stand in other texts by chance.
SHORTEST_WORD = 4
ERASE = "SELECT core_erase_words(%s, %s, %s)"
# The table of the columns from which that function erases.
ERASABLE = "core_erasable_column"
EMPTY_ERASABLE = f"DELETE FROM {ERASABLE}"  # noqa: S608 - a constant
ADD_ERASABLE = f"INSERT INTO {ERASABLE} VALUES (%s, %s)"  # noqa: S608 - a constant
MOST_FOUND = 10_000


def pattern_of(words: Iterable[str]) -> str:
    """Return the regular expression, of PostgreSQL and Python alike, that finds any of ``words``.

    They are found as whole words, also as addresses, HTML and JSON write them. Words that are too
    short are left out; "" where none is left.
    """
    forms = {form for word in words if len(word.strip()) >= SHORTEST_WORD for form in _forms(word)}
    if not forms:
        return ""
    # The longest first: a street may begin as another text does.
    found = "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
    return f"(?<![[:alnum:]])({found})(?![[:alnum:]])"


def count_texts(table: str, column: str, pattern: str) -> int:
    """Return in how many rows a text has what ``pattern`` finds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_naming(table, column)}", [pattern])
        return int(cursor.fetchone()[0])


def find_texts(table: str, column: str, pattern: str) -> list[Any]:
    """Return the texts that have what ``pattern`` finds, at most 10,000."""
    with connection.cursor() as cursor:
        shown = connection.ops.quote_name(column)
        cursor.execute(
            f"SELECT {shown} {_naming(table, column)} ORDER BY 1 LIMIT {MOST_FOUND}", [pattern]
        )
        return [value for (value,) in cursor.fetchall()]


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
    """Yield the lines and parts of a text that are about the person; not those about others."""
    python = re.compile(pattern.replace("[[:alnum:]]", r"[^\W_]"), re.IGNORECASE)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=0)
    yield from (line for line in text.splitlines() if python.search(line))


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
