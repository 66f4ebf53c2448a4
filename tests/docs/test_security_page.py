"""The page of the security standard: complete, its sums right, its tests and modules there."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
CHAPTER = re.compile(
    r"^### V(\d+): .+\n\n"
    r"(\d+) requirements: (\d+) met, (\d+) do not apply, (\d+) open\.\n\n"
    r"\| Number .+\n\|[-|]+\n((?:\| V.+\n)+)",
    re.MULTILINE,
)
STATES = ("met", "does not apply", "open")
# How many requirements of levels 1 and 2 each section of version 5.0.0 has.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
# Seventy of the first level; 183 come with the second.
LEVELS = {"1": 70, "2": 183}


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split(" | ")]


CHAPTERS = {
    int(number): (tuple(map(int, sums)), [cells(row) for row in rows.splitlines()])
    for number, *sums, rows in CHAPTER.findall(PAGE)
}
ROWS = [row for _sums, rows in CHAPTERS.values() for row in rows]


@cache
def source(path: str) -> str:
    file = ROOT / path
    return file.read_text() if file.is_file() else ""


def test_every_requirement_has_one_row_in_order() -> None:
    numbers = [tuple(map(int, row[0].removeprefix("V").split("."))) for row in ROWS]

    assert numbers == sorted(set(numbers))
    sections = Counter(f"{chapter}.{section}" for chapter, section, _number in numbers)
    assert dict(sections) == SECTIONS
    assert Counter(row[1] for row in ROWS) == LEVELS
    # None is in a table that is not read here.
    assert PAGE.count("\n| V") == len(ROWS)


def test_each_chapter_and_the_whole_have_right_sums() -> None:
    def counted(rows: list[list[str]]) -> tuple[int, ...]:
        return tuple(sum(row[3] == state for row in rows) for state in STATES)

    assert list(CHAPTERS) == list(range(1, 18))
    for number, (sums, rows) in CHAPTERS.items():
        assert (number, sums) == (number, (len(rows), *counted(rows)))
    for level, rows in {
        "1": [row for row in ROWS if row[1] == "1"],
        "2": [row for row in ROWS if row[1] == "2"],
        "both": ROWS,
    }.items():
        line = " | ".join(map(str, (level, len(rows), *counted(rows))))
        assert f"\n| {line} |\n" in PAGE


def test_each_state_is_one_of_three_and_has_its_reason_or_its_test() -> None:
    for number, _level, asked, state, where, shown in ROWS:
        assert (number, state in STATES, bool(asked), bool(where)) == (number, True, True, True)
        assert (number, shown != "–") == (number, state == "met")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_what_a_row_names_is_there(row: list[str]) -> None:
    for path, name in re.findall(r"`([\w/.]+\.py)::(\w+)`", row[5]):
        assert f"\ndef {name}(" in source(path), f"{path}::{name}"
    assert row[5] == "–" or re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`", row[5])
    named = [each for each in re.findall(r"`([^`]+)`", row[4]) if re.fullmatch(r"[\w./-]+", each)]
    for path in named:
        if "/" in path or "." in path:
            assert (ROOT / path).exists(), path
        elif path.isupper():
            assert f"\n{path}=" in source(".env.example").replace("\n# ", "\n"), path
    for anchor in re.findall(r"\]\(#([\w-]+)\)", row[4]):
        headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
        assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
