"""What a column can keep of a text, or of a key, that somebody typed. PURE."""

import re

# NUL, and half of a pair of surrogates: no column keeps them.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether a text could be in the database at all."""
    return UNSTORABLE.search(text) is None


def row_key(text: str) -> int | None:
    """Return the key of a row as an address or a form has it; None for what no row can have."""
    key = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
    return None if key is None or key >= 2**63 else key
