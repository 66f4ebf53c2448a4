"""Somebody who reads pages in a language, and finds on them what is not of it."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.lints.translations import shown_in
from tests.test_no_english import english_in, english_on, english_words, names_in
from tests.test_pseudo_language import CODE

LOCALES = {"en": "en-US", "sv": "sv-SE", "fr": "fr-FR"}
# Codes and gaps that no page shows: SHIP_TO_HOME, %(count)s, {name}.
RAW = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b|%\(\w+\)[sd]|\{\w*\}")


class Reader:
    """A person in front of a browser, and the words that are foreign to them."""

    def __init__(self, language: str, page: Page) -> None:
        self.language = language
        self.page = page
        self._english = english_words(language) if language != "en" else set()
        self._names = names_in(language)

    def unread(self, html: str) -> list[str]:
        """Return a sentence for each word of HTML that is raw or not of the language."""
        return _sentences(english_in(html, self._english, self._names) | _raw_in(html))

    def problems(self) -> list[str]:
        """Return what of the page that is open is not in the language."""
        spoken = self.page.evaluate("document.documentElement.lang")
        wrong = [] if spoken == self.language else [f"lang is {spoken}"]
        address, html = urlsplit(self.page.url).path, self.page.content()
        english = english_on(address, html, self._english, self._names)
        return wrong + _sentences(english | _raw_in(html[html.index('id="main-content"') :]))


def _raw_in(html: str) -> set[str]:
    return {code for text in shown_in(CODE.sub("", html)) for code in RAW.findall(text)}


def _sentences(words: set[str]) -> list[str]:
    return [f"“{word}” is not of the language" for word in sorted(words)]
