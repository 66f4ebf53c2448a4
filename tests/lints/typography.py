"""The translated pages of the docs have the quotes, spaces and apostrophes of their language."""

import re
from collections.abc import Iterator

from tests.lints.catalogues import LANGUAGES, WRONG
from tests.lints.labels import DOCS
from tests.lints.translations import ROOT

CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def findings() -> Iterator[str]:
    """Yield a line for each fault of a page: what its language writes in another way."""
    for language in LANGUAGES:
        for page in sorted(DOCS.rglob(f"*.{language}.md")):
            for near, why in faults_of(page.read_text(), language):
                yield f"{page.relative_to(ROOT)}: “{near}”: {why}"


def faults_of(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield what surrounds each fault of a page, and why it is one; code and addresses are free."""
    # A stand-in for code, so that an apostrophe before it is still between letters.
    said = LINK.sub(r"\1", CODE.sub("code", text))
    for wrong, why in WRONG[language]:
        for found in wrong.finditer(said):
            near = said[max(found.start() - 12, 0) : found.end() + 12]
            yield near.replace("\n", " "), why
