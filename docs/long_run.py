"""Writes docs/long-run.md, the report of the longest run of the tests.

``python -m docs.long_run RESULTS COVERAGE`` reads what ``make long`` wrote: the results as pytest's
JUnit XML, and the coverage as coverage.py's JSON.
"""

import json
import os
import platform
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

from docs.tables import table

PAGE = Path(__file__).parent / "long-run.md"
SLOWEST = 15
LEAST_REACHED = 15
TEXT = """\
# The long run

`make long` runs every test, also those that take minutes, and writes this page when all pass.

{facts}

## Branches reached, by app

{apps}

## Modules with the most branches that no test reached

{modules}

## Slowest tests

{slowest}
"""


@dataclass(frozen=True, slots=True)
class Test:
    """One test, with the seconds that it took, its preparation included."""

    name: str
    seconds: float
    is_skipped: bool


@dataclass(frozen=True, slots=True)
class Branches:
    """How many branches there are in a module or an app, and how many were taken."""

    name: str
    count: int
    reached: int

    @property
    def missing(self) -> int:
        return self.count - self.reached

    @property
    def share(self) -> str:
        return f"{self.reached / self.count:.1%}" if self.count else "–"


def tests_of(results: str) -> list[Test]:
    """Return the tests of a run from its JUnit XML."""
    return [
        Test(
            f"{case.get('classname')}::{case.get('name')}",
            float(case.get("time", "0")),
            case.find("skipped") is not None,
        )
        for case in ElementTree.fromstring(results).iter("testcase")  # noqa: S314 - pytest's own
    ]


def seconds_of(results: str) -> float:
    """Return how long the run took, from its JUnit XML."""
    suites = ElementTree.fromstring(results).iter("testsuite")  # noqa: S314 - pytest's own
    return sum(float(suite.get("time", "0")) for suite in suites)


def modules_of(coverage: str) -> list[Branches]:
    """Return the branches of each module from coverage's JSON."""
    return [
        Branches(name, file["summary"]["num_branches"], file["summary"]["covered_branches"])
        for name, file in json.loads(coverage)["files"].items()
    ]


def by_app(modules: Iterable[Branches]) -> Iterator[Branches]:
    """Yield the branches of each app, then of all together."""
    count: Counter[str] = Counter()
    reached: Counter[str] = Counter()
    for module in modules:
        for name in (module.name.split("/")[0], "all"):
            count[name] += module.count
            reached[name] += module.reached
    for name in (*sorted(count.keys() - {"all"}), "all"):
        yield Branches(name, count[name], reached[name])


def by_function(tests: Iterable[Test]) -> list[tuple[str, int, float]]:
    """Return the name, the number of cases and the seconds of each test, the slowest first."""
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for test in tests:
        seconds[test.name.partition("[")[0]].append(test.seconds)
    rows = [(name, len(each), sum(each)) for name, each in seconds.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def text_of(results: str, coverage: str, circumstances: dict[str, str]) -> str:
    """Return the page for the results and the coverage of a run."""
    tests = tests_of(results)
    modules = modules_of(coverage)
    skipped = sum(test.is_skipped for test in tests)
    minutes, seconds = divmod(round(seconds_of(results)), 60)
    facts = circumstances | {
        "Tests": f"{len(tests) - skipped:,} passed, {skipped:,} skipped",
        "Time": f"{minutes} min {seconds} s",
    }
    least = sorted(modules, key=lambda module: (-module.missing, module.name))[:LEAST_REACHED]
    return TEXT.format(
        facts=table(("What", "Measured"), facts.items()),
        apps=table(
            ("App", "Branches", "Reached"),
            ((app.name, f"{app.count:,}", app.share) for app in by_app(modules)),
        ),
        modules=table(
            ("Module", "Branches", "Not reached"),
            ((f"`{one.name}`", one.count, one.missing) for one in least if one.missing),
        ),
        slowest=table(
            ("Test", "Cases", "Seconds"),
            (
                (f"`{name}`", count, f"{took:.1f}")
                for name, count, took in by_function(tests)[:SLOWEST]
            ),
        ),
    )


def circumstances() -> dict[str, str]:
    """Return when the run took place, of which commit, and on what machine."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - the one of the path
        capture_output=True,
        text=True,
        check=False,
        cwd=PAGE.parent,
    )
    return {
        "Date": f"{date.today()}",  # noqa: DTZ011 - the day of who ran it
        "Commit": commit.stdout.strip() or "none",
        "Cores, Python": f"{os.cpu_count()}, {platform.python_version()}",
    }


if __name__ == "__main__":
    results_path, coverage_path = map(Path, sys.argv[1:])
    page = text_of(results_path.read_text(), coverage_path.read_text(), circumstances())
    PAGE.write_text(page)
