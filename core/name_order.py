"""The order of names in the reader's language: å ä ö after z in Swedish, é beside e everywhere.

The database and Python order alike, by a key that is computed from the name. Collations of the
database's own are not asked for: a PostgreSQL may be built without those of languages. Codes such
as SKUs and numbers have no language, and are ordered by the database as they are.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, F, Func, Model, OrderBy, TextField
from django.utils.translation import get_language

# The columns of names and of words, among those that hold text.
NAMES = frozenset(
    {"name", "first_name", "last_name", "username", "customer_name", "summary", "subject", "reason"}
)
# Letters after z, by language; { | } follow z.
AFTER_Z = {"sv": dict(zip("ÅÄÆÖØåäæöø", "{||}}{||}}", strict=True))}
# Letters that no mark makes are ordered as these.
SPELLED = {"Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d"}
SPELLED_OUT = {"Æ": "Ae", "æ": "ae", "Œ": "Oe", "œ": "oe", "ß": "ss"}
MARKS = r"[\u0300-\u036F]"

Key = TypeVar("Key")


# The alphabets by which names are ordered; every other language has that of English.
ALPHABETS = ("en", *AFTER_Z)


def _alphabet() -> str:
    language = (get_language() or "en")[:2]
    return language if language in ALPHABETS else "en"


def _letters(alphabet: str) -> dict[str, str]:
    """Return what stands for single letters in an alphabet."""
    return {**SPELLED, **AFTER_Z.get(alphabet, {})}


class NameKey(Func):
    """The key by which the database orders a column of names, in an alphabet or the reader's.

    An index on it is one for an alphabet.
    """

    output_field = TextField()

    def __init__(self, column: str, alphabet: str = "") -> None:
        alphabet = alphabet or _alphabet()
        letters = _letters(alphabet)
        given, taken = "".join(letters), "".join(letters.values())
        # A letter after z may be written as two characters.
        whole = "normalize(%(expressions)s, NFC)" if alphabet in AFTER_Z else "%(expressions)s"
        folded = f"translate({whole}, '{given}', '{taken}')"
        for letter, spelled in SPELLED_OUT.items():
            folded = f"replace({folded}, '{letter}', '{spelled}')"
        plain = f"regexp_replace(normalize({folded}, NFKD), '{MARKS}', '', 'g')"
        # Most names have no letter beyond ASCII, and are not looked at letter by letter.
        is_ascii = "octet_length(%(expressions)s) = char_length(%(expressions)s)"
        lower = 'lower(%(expressions)s COLLATE "C")'
        key = f"CASE WHEN {is_ascii} THEN {lower} ELSE lower({plain}) END"
        super().__init__(F(column), template=f'({key}) COLLATE "C"')


def name_key(name: str) -> str:
    """Return the key by which Python orders names, in the reader's language."""
    spelled = str.maketrans({**SPELLED_OUT, **_letters(_alphabet())})
    folded = unicodedata.normalize("NFC", name).translate(spelled)
    letters = unicodedata.normalize("NFKD", folded)
    return "".join(one for one in letters if not "\u0300" <= one <= "\u036f").lower()


def in_name_order(choices: Iterable[tuple[Key, str]]) -> list[tuple[Key, str]]:
    """Return choices in the order of their labels."""
    return sorted(choices, key=lambda choice: name_key(str(choice[1])))


def by_name(column: str) -> OrderBy:
    """Return the order of rows by a column of names; "-" before it turns the order."""
    key = NameKey(column.removeprefix("-"))
    return key.desc() if column.startswith("-") else key.asc()


def with_names_in_order(model: type[Model], ordering: Iterable[Any]) -> list[Any]:
    """Return an ordering of a model with its columns of names in the reader's language."""
    return [by_name(one) if _is_name(model, one) else one for one in ordering]


def _is_name(model: type[Model], part: Any) -> bool:
    if not isinstance(part, str):
        return False
    *relations, column = part.removeprefix("-").split("__")
    if column not in NAMES:
        return False
    try:
        for relation in relations:
            related: Any = model._meta.get_field(relation).related_model
            model = related
        field = model._meta.get_field(column)
    except (AttributeError, FieldDoesNotExist):
        return False
    return isinstance(field, CharField | TextField) and not field.choices
