"""The page that ``make long`` writes says what its run was."""

import json

from docs.long_run import text_of

RESULTS = """\
<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" time="125.4">
<testcase classname="tests.test_a" name="test_rule[1]" time="1.500" />
<testcase classname="tests.test_a" name="test_rule[2]" time="2.000" />
<testcase classname="tests.test_b" name="test_page" time="3.000" />
<testcase classname="tests.test_b" name="test_root" time="0.010">
<skipped message="root" /></testcase>
</testsuite></testsuites>
"""
COVERAGE = {
    "files": {
        "orders/money.py": {"summary": {"num_branches": 10, "covered_branches": 10}},
        "orders/placing/check.py": {"summary": {"num_branches": 30, "covered_branches": 27}},
        "core/clock.py": {"summary": {"num_branches": 0, "covered_branches": 0}},
    }
}


def test_the_page_says_how_long_the_run_took_and_what_it_did_not_reach() -> None:
    assert text_of(RESULTS, json.dumps(COVERAGE), {"Date": "2026-11-28"}) == (
        """\
# The long run

`make long` runs every test, also those that take minutes, and writes this page when all pass.

| What | Measured |
| --- | --- |
| Date | 2026-11-28 |
| Tests | 3 passed, 1 skipped |
| Time | 2 min 5 s |

## Branches reached, by app

| App | Branches | Reached |
| --- | --- | --- |
| core | 0 | – |
| orders | 40 | 92.5% |
| all | 40 | 92.5% |

## Modules with the most branches that no test reached

| Module | Branches | Not reached |
| --- | --- | --- |
| `orders/placing/check.py` | 30 | 3 |

## Slowest tests

| Test | Cases | Seconds |
| --- | --- | --- |
| `tests.test_a::test_rule` | 2 | 3.5 |
| `tests.test_b::test_page` | 1 | 3.0 |
| `tests.test_b::test_root` | 1 | 0.0 |
"""
    )
