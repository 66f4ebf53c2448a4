"""Words of the old dialect that no text for people has."""

import re

from tests.lints.messages import own_messages

# "again", "below", "then", "who" and "select" are what people say; for other words the glossary
# has a noun or a verb: backordered, not owed or what waits; informed, not told.
DIALECT = re.compile(
    r"\b(?:whom|whoever|anew|beneath|thereupon|meanwhile|tick(?:s|ed)?|told|owed|felt|hits?|"
    r"wh(?:at|o) waits?|in words|lies? at|fares? otherwise|came of|seen to)\b",
    re.IGNORECASE,
)


def dialect_in(text: str) -> list[str]:
    """Return the words of a text that are not plain English."""
    return DIALECT.findall(text)


def findings() -> list[str]:
    """Return a sentence for each translatable text that has such words."""
    return [
        f"{found_in[0]}: “{text}” is not plain English: {', '.join(words)}"
        for message, found_in in own_messages().items()
        for text in (message.text, message.plural or "")
        if (words := dialect_in(text))
    ]
