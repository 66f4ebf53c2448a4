"""Texts: marked for translation where gettext may not be imported, and fit to be stored. PURE."""

import re

# NUL, and half of a pair of surrogates: no column keeps them.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether a text could be in the database at all."""
    return UNSTORABLE.search(text) is None


def gettext_noop(message: str) -> str:
    """Return ``message`` unchanged; the catalogues collect it, an interface translates it."""
    return message
