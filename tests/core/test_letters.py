"""An e-mail as HTML: the blocks of its text, everything escaped, nothing from elsewhere."""

import re

import pytest

from core.letters import Block, blocks_of, letter_html

TEXT = """Hello Ada,

Your order 1001
was changed.

- 6 × Kettle (KTP)
    On backorder: 2.
- 1 × Lid (L)

See your order: https://shop.example/o/abc?x=1&y=2

https://shop.example/help
"""


def test_a_text_has_paragraphs_lists_and_links() -> None:
    assert blocks_of(TEXT) == [
        Block("paragraph", ["Hello Ada,"]),
        Block("paragraph", ["Your order 1001", "was changed."]),
        Block(
            "list",
            items=[["6 × Kettle (KTP)", "On backorder: 2."], ["1 × Lid (L)"]],
        ),
        Block("link", ["See your order"], address="https://shop.example/o/abc?x=1&y=2"),
        Block("link", ["https://shop.example/help"], address="https://shop.example/help"),
    ]


@pytest.mark.parametrize(
    "line",
    ["see javascript:alert(1)", "https://a.example is ours", "a - b", "mailto:a@example.com"],
)
def test_only_a_web_address_at_the_end_of_a_line_is_a_link(line: str) -> None:
    assert blocks_of(line) == [Block("paragraph", [line])]


def test_every_part_is_escaped() -> None:
    evil = '<img src="https://evil.example/p.gif" onerror=x>'
    text = f"{evil}\n\n- {evil}\n  {evil}\n\n{evil}: https://a.example/\"onclick='x'"

    html = letter_html(evil, text, language="en")

    assert "<img" not in html
    assert re.findall(r"<a [^>]*>", html) == [
        '<a href="https://a.example/&quot;onclick=&#x27;x&#x27;">'
    ]
    assert html.count("&lt;img src=&quot;https://evil.example/p.gif&quot; onerror=x&gt;") == 6


def test_nothing_is_fetched_to_show_it() -> None:
    html = letter_html("Your order 1001", TEXT, language="sv")

    assert '<html lang="sv">' in html
    assert re.findall(r"<(?:img|link|script|iframe|object|video|form)\b|url\(|@import", html) == []
    assert re.findall(r'(?:src|href)="([^"]*)"', html) == [
        "https://shop.example/o/abc?x=1&amp;y=2",
        "https://shop.example/help",
    ]
