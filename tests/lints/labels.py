"""The labels in the guides are the product's own, in each language: bold text is a label.

A path through the menu is written **Settings › Configuration**. A page in another language, such as
``review.sv.md``, has the translations of exactly the labels of its English page.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from tests.lints.catalogues import LANGUAGES, as_list, read
from tests.lints.translations import ROOT

DOCS = ROOT / "docs"
BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.DOTALL)
Translations = Mapping[str, frozenset[str]]


def english_pages() -> list[Path]:
    """Return the pages that name labels, in English."""
    pages = [DOCS / "start.md", *sorted((DOCS / "guides").glob("*.md"))]
    return [page for page in pages if page.suffixes == [".md"]]


def in_language(page: Path, language: str) -> Path:
    """Return where the same page stands in another language."""
    return page.with_suffix(f".{language}.md")


def labels_of(text: str) -> set[str]:
    """Return the labels that a page names, each step of a path by itself."""
    # A line may end within a label; a no-break space stays.
    bold = (re.sub(r"[ \n]+", " ", found) for found in BOLD.findall(text))
    return {label for path in bold for label in path.split(" › ")}


@cache
def translations(language: str) -> Translations:
    """Return the translations of each message, also as a label that begins with a capital."""
    found: dict[str, frozenset[str]] = {}
    for entry in read(language):
        for text, said in zip(as_list(entry.id), as_list(entry.string), strict=False):
            for key, value in ((text, said), (capital(text), capital(said))):
                found[key] = found.get(key, frozenset()) | {value}
    return found


def capital(text: str) -> str:
    """Return ``text`` with a capital, as the form of a field shows its name."""
    return text[:1].upper() + text[1:]


def findings() -> Iterator[str]:
    """Yield a line for each label that the product does not have, and each that a page lacks."""
    for page in english_pages():
        name = page.relative_to(ROOT)
        labels = labels_of(page.read_text())
        known = translations(LANGUAGES[0])
        for label in sorted(labels - set(known)):
            yield f"{name}: **{label}** is no message of the product"
        for language in LANGUAGES:
            other = in_language(page, language)
            if not other.exists():
                yield f"{other.relative_to(ROOT)}: the page is missing"
                continue
            yield from differences(other, labels & set(known), translations(language))


def differences(page: Path, labels: set[str], said: Translations) -> Iterator[str]:
    """Yield each label of ``page`` that translates none of ``labels``, and each that it lacks."""
    name = page.relative_to(ROOT)
    there = labels_of(page.read_text())
    wanted = {text for label in labels for text in said[label]}
    for label in sorted(there - wanted):
        yield f"{name}: **{label}** is the translation of no label of the English page"
    for label in sorted(labels):
        if not there & said[label]:
            yield f"{name}: “{label}” is missing: **{'** or **'.join(sorted(said[label]))}**"
