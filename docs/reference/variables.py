"""The page of every setting, from ``.env.example``."""

import re
from collections.abc import Iterator
from pathlib import Path

from docs.tables import table

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"
VARIABLE = re.compile(r"([A-Z_]+)=(.*)")


def page() -> str:
    """Return the page's text below its title."""
    introduction, *paragraphs = EXAMPLE.read_text(encoding="utf-8").strip().split("\n\n")
    rows = [row for paragraph in paragraphs for row in _rows(paragraph.splitlines())]
    text = f"{_sentence(introduction.splitlines())}\n"
    return f"{text}\n{table(('Variables', 'Default', 'Meaning'), rows)}\n"


def _rows(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield a row for each comment and the variables below it."""
    comment: list[str] = []
    variables: list[tuple[str, str]] = []
    for line in [*lines, "# "]:
        variable = VARIABLE.match(line)
        if variable:
            variables.append((variable[1], variable[2]))
            continue
        if variables:
            names = "<br>".join(f"`{name}`" for name, _ in variables)
            defaults = "<br>".join(f"`{value}`" if value else "–" for _, value in variables)
            yield names, defaults, _sentence(comment)
            comment, variables = [], []
        comment.append(line)


def _sentence(lines: list[str]) -> str:
    return " ".join(line.removeprefix("#").strip() for line in lines).replace("|", "\\|")
