"""The page about the simulated year has what each rule's year counted."""

import json

from docs.simulated_year import text_of

CASES = (("OFF", False), ("NOTIFY", False), ("CONSENT", True), ("CONSENT", False))


def results(days: int) -> str:
    cases = []
    for number, (rule, auto_cancel) in enumerate(CASES, 1):
        year = json.dumps({"rule": rule, "auto_cancel": auto_cancel, "days": days})
        counts = json.dumps({"CONFIRMED": 1000 + number, "answer WAIT": number})
        properties = "".join(
            f"<property name='{name}' value='{value}' />"
            for name, value in (("year", year), ("counts", counts))
        )
        cases.append(f"<testcase><properties>{properties}</properties></testcase>")
    return f"<testsuites><testsuite>{''.join(cases)}<testcase /></testsuite></testsuites>"


def test_the_page_has_a_column_for_each_rule() -> None:
    page = text_of(results(365))

    assert "| Order confirmations | 1,001 | 1,002 | 1,003 | 1,004 |" in page
    assert "| Wait | 1 | 2 | 3 | 4 |" in page
    assert "| Canceled without an answer | 0 | 0 | 0 | 0 |" in page


def test_a_year_that_was_not_lived_through_has_dashes() -> None:
    page = text_of(results(60))

    assert "| Order confirmations | – | – | – | – |" in page
