"""The words by which staff find a customer: of the name, of the e-mail address."""

import re

from django.contrib.postgres.search import SearchVector
from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Concat

from core.folding import ApostropheSpaces, FoldedText, folded

# What separates the parts of an address; to a text search an address would be one word.
SEPARATORS = "@.-_+"

_NAMES = Func(
    Concat(F("customer_name"), Value(" "), F("customer_email"), output_field=CharField()),
    Value(SEPARATORS),
    Value(" " * len(SEPARATORS)),
    function="translate",
    output_field=CharField(),
)
# O'Brien has the words "obrien", "o" and "brien".
CUSTOMER_WORDS = SearchVector(
    FoldedText(Concat(_NAMES, Value(" "), ApostropheSpaces(_NAMES), output_field=CharField())),
    config="simple",
)


def words_of(text: str) -> list[str]:
    """Return the words of what a person typed, without any sign that a search would obey."""
    return re.findall(r"[^\W_]+", folded(text))
