"""Words of the old dialect that no text for people has."""

import re

from tests.lints.messages import own_messages

# "again", "below", "then", "who" and "select" are what people say.
DIALECT = re.compile(
    r"\b(?:whom|anew|beneath|thereupon|tick(?:s|ed)?|in words|lies at|fares? otherwise)\b",
    re.IGNORECASE,
)


def dialect_in(text: str) -> list[str]:
    """Return the words of a text that are not plain English."""
    return DIALECT.findall(text)


def findings() -> list[str]:
    """Return a sentence for each translatable text that has such words."""
    return [
        f"{places[0]}: “{text}” is not plain English: {', '.join(words)}"
        for message, places in own_messages().items()
        for text in (message.text, message.plural or "")
        if (words := dialect_in(text))
    ]
