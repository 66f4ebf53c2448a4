"""The check of words for people."""

import pytest

from tests.lints.plain_words import dialect_in, findings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Show whom it hits.", ["whom", "hits"]),
        ("Tick it anew, see beneath.", ["Tick", "anew", "beneath"]),
        ("Customers are told what waits.", ["told", "what waits"]),
        ("Whoever waits is owed 3 units.", ["Whoever", "owed"]),
        ("Select the ticket again, see below.", []),
    ],
)
def test_the_dialect_is_found(text: str, words: list[str]) -> None:
    assert dialect_in(text) == words


def test_no_text_has_it() -> None:
    assert findings() == []
