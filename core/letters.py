"""An e-mail as HTML, made from its text alone, so that both say the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_supported_language_variant

TEMPLATE = "core/queued_emails/message.html"
BULLET = "- "
# A line that ends with an address is a link; what stands before it is what the link is called.
LINK = re.compile(r"(?P<label>.*?)[\s:]*(?P<address>https?://\S+)")


@dataclass(slots=True)
class Block:
    """A paragraph with its lines, a list with its items, or a link.

    An item has the lines below it that are indented; a link has its label, and its address.
    """

    kind: Literal["paragraph", "list", "link"]
    lines: list[str] = field(default_factory=list)
    items: list[list[str]] = field(default_factory=list)
    address: str = ""


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of a text.

    Lines that begin with a hyphen and a space are a list, and indented lines belong to the item
    above them. A line that ends with a web address is a link. Blank lines separate paragraphs.
    """
    blocks: list[Block] = []
    for line, follows in _lines(text):
        last = blocks[-1] if blocks and follows else None
        link = LINK.fullmatch(line)
        if line.startswith(BULLET):
            if last is None or last.kind != "list":
                last = Block("list")
                blocks.append(last)
            last.items.append([line.removeprefix(BULLET)])
        elif last is not None and last.kind == "list" and line.startswith(" "):
            last.items[-1].append(line.strip())
        elif link is not None:
            blocks.append(Block("link", [link["label"] or link["address"]], [], link["address"]))
        elif last is not None and last.kind == "paragraph":
            last.lines.append(line.strip())
        else:
            blocks.append(Block("paragraph", [line.strip()]))
    return blocks


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines that are not blank, each with whether it follows another line directly."""
    follows = False
    for line in text.splitlines():
        if line.strip():
            yield line.rstrip(), follows
        follows = bool(line.strip())


def letter_html(subject: str, text: str, *, language: str) -> str:
    """Return an e-mail as a page of HTML that needs nothing from elsewhere: no picture, no font.

    Everything in ``subject`` and ``text`` is escaped.
    """
    context = {"subject": subject, "blocks": blocks_of(text), "language": language}
    return render_to_string(TEMPLATE, context)


def offered_language(language: str) -> str:
    """Return a customer's language where the site offers it, else the site's own."""
    try:
        return get_supported_language_variant(language)
    except LookupError:
        return get_supported_language_variant(settings.LANGUAGE_CODE)
