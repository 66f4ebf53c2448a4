"""The page that maps delays to the United States' rule names what there is."""

import re
from pathlib import Path

import pytest

from inventory.options import BY_NAME

pytestmark = pytest.mark.pure
PAGE = Path("docs/reference/delays.md").read_text()
RULE = PAGE[PAGE.index("## The rule of the United States") : PAGE.index("## In the European Union")]
ROW = re.compile(r"^\| (435\.[^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
# The paragraphs that ask something of a seller who is late.
PARAGRAPHS = {
    "435.1(b)", "435.1(c)", "435.1(e)",
    "435.2(a)(1)", "435.2(a)(2)", "435.2(a)(3)", "435.2(a)(4), (d)",
    "435.2(b)(1)", "435.2(b)(1)(i)", "435.2(b)(1)(ii)", "435.2(b)(1)(iii)", "435.2(b)(1)(iv)",
    "435.2(b)(2)", "435.2(b)(2)(iii)", "435.2(b)(3)",
    "435.2(c)(1)", "435.2(c)(2), (3)", "435.2(c)(4)", "435.2(c)(5)",
}  # fmt: skip


def test_each_paragraph_has_one_row() -> None:
    rows = [paragraph for paragraph, _asks, _does in ROW.findall(RULE)]

    assert len(rows) == len(set(rows))
    assert set(rows) == PARAGRAPHS
    assert RULE.count("\n| 435") == len(rows)


def test_options_are_named_with_the_values_that_they_have() -> None:
    named = set(re.findall(r"`([a-z_]+)`", RULE))
    valued = {name: int(value) for name, value in re.findall(r"`([a-z_]+)`(?: \(| is )(\d+)", RULE)}

    assert named == {"promise_days", "delay_ask_days", "delay_answer_days", "delay_auto_cancel"}
    assert {name: BY_NAME[name].default for name in valued} == valued
    assert set(valued) == {"promise_days", "delay_ask_days", "delay_answer_days"}
    assert BY_NAME["delay_auto_cancel"].default is True
