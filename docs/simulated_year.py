"""Writes docs/simulated-year.md: what the customers of a simulated shop were told in a year.

``python -m docs.simulated_year RESULTS`` reads the results of ``make long`` as pytest's JUnit XML.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from docs.tables import table

PAGE = Path(__file__).parent / "simulated-year.md"
# Shorter stories are no year.
DAYS = 365
RULES = {
    ("OFF", False): "Do nothing",
    ("NOTIFY", False): "Inform",
    ("CONSENT", True): "Ask, cancel without an answer",
    ("CONSENT", False): "Ask, staff decide without an answer",
}
EMAILS = {
    "e-mails": "All e-mails",
    "CONFIRMED": "Order confirmations",
    "DATED": "A new date",
    "UNDATED": "No date yet",
    "ASKED": "A delay, with a question",
    "PREPARED": "Being prepared",
    "SENT": "On its way",
    "CANCELED": "Canceled",
    "REFUNDED": "Paid back",
}
UNITS = {
    "shipped at once": "Shipped without a wait that was announced",
    "shipped as agreed": "Shipped by the agreed date",
    "shipped later than agreed": "Shipped later",
    "canceled by answer": "Canceled by the customer's answer",
    "canceled by silence": "Canceled without an answer",
    "agreed by silence": "Waited for without an answer",
}
ANSWERS = {"answer WAIT": "Wait", "answer CANCEL": "Cancel"}
TEXT = """\
# A simulated year

`make long` lets a shop live through a year, once for each
[rule about delays](reference/delays.md): 300 orders, and 40 supplies of which a third slip, some
of them twice, and some never come. A third of the customers agree to a delay, a third cancel, a
third never answer. The clock moves from day to day, and the jobs that send e-mails or decide what
they say run in the order of their schedule.

After each day a judge looks for a word that was not kept. It knows only the e-mails and the links
in them, the answers, the parcels, and what suppliers said:

- E-mails name only dates that units on hand or announced supply stand behind, units that have come,
  and parcels that have left.
- Where customers are asked, everybody is asked before the agreed date has passed, or staff see
  *asked too late*.
- Where customers are informed, a later date has stood for a day, unless fewer than seven days are
  left.
- No deadline passes without being acted on.
- No units are canceled if their customer agreed to wait, and canceled units are paid back.
- Nobody gets two e-mails about one event, nor two within the minutes in which they are collected.
- The quantities and the money in the database are those of the orders, deliveries and parcels.

The figures are from the last run; it did not live through a year that has dashes. No word was
broken in the others.

## E-mails

{emails}

## Answers

{answers}

## Units

{units}
"""


def years_of(results: str) -> dict[tuple[str, bool], dict[str, int]]:
    """Return what was counted in each year of a run, by its rule."""
    years = {}
    for case in ElementTree.fromstring(results).iter("testcase"):  # noqa: S314 - pytest's own
        facts = {one.get("name"): one.get("value") or "" for one in case.iter("property")}
        if "year" not in facts:
            continue
        year: dict[str, Any] = json.loads(facts["year"])
        if year["days"] == DAYS:
            years[year["rule"], year["auto_cancel"]] = json.loads(facts["counts"])
    return years


def text_of(results: str) -> str:
    """Return the page for the results of a run; a rule that it did not live through has dashes."""
    found = years_of(results)
    years = [found.get(rule) for rule in RULES]
    return TEXT.format(
        emails=_table("E-mails", EMAILS, years),
        answers=_table("Answers", ANSWERS, years),
        units=_table("Units", UNITS, years),
    )


def _table(what: str, labels: Mapping[str, str], years: list[dict[str, int] | None]) -> str:
    return table((what, *RULES.values()), _rows(labels, years))


def _rows(
    labels: Mapping[str, str], years: list[dict[str, int] | None]
) -> Iterator[tuple[object, ...]]:
    for key, label in labels.items():
        yield label, *("–" if year is None else f"{year.get(key, 0):,}" for year in years)


if __name__ == "__main__":
    [path] = map(Path, sys.argv[1:])
    PAGE.write_text(text_of(path.read_text()))
