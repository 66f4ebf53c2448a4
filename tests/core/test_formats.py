"""Quantities, money and dates as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.translation import ngettext

from core.admin.read_values import list_column, read_value
from core.formats import (
    day,
    filled,
    fixed,
    moment,
    money,
    plural_of,
    quantity,
    series,
    short_day,
    whole,
)
from core.models import Job
from inventory.models import FutureSupply
from tests.lints.written_forms import (
    GLUED,
    IN_PYTHON,
    IN_TEMPLATES,
    findings,
    other_forms,
    without_texts,
)


@pytest.mark.parametrize(
    ("units", "text"),
    [
        ("40.0000", "40"),
        ("2.5000", "2.5"),
        ("0.1234", "0.1234"),
        ("-50.0000", "-50"),
        ("-0.0000", "0"),
        ("1234567.5000", "1,234,567.5"),
        (None, "–"),
    ],
)
def test_a_quantity_has_the_decimals_it_needs(units: str | None, text: str) -> None:
    assert quantity(None if units is None else Decimal(units)) == text


@pytest.mark.parametrize(
    ("language", "units", "text"),
    [
        ("en", "1", "Shipped 1 unit from A: S."),
        ("en", "1.5", "Shipped 1.5 units from A: S."),
        ("en", "2.5", "Shipped 2.5 units from A: S."),
        ("sv", "1.5", "1,5 enheter"),
        ("fr", "1.5", "1,5 unité "),
        ("fr", "2", "2 unités "),
    ],
)
def test_a_quantity_takes_the_plural_of_the_language(language: str, units: str, text: str) -> None:
    with translation.override(language):
        sentence = ngettext(
            "Shipped %(units)s unit from %(source)s: %(shipment)s.",
            "Shipped %(units)s units from %(source)s: %(shipment)s.",
            plural_of(Decimal(units)),
        )
        told = sentence % {"units": quantity(Decimal(units)), "source": "A", "shipment": "S"}

    assert text in told


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "USD", "1,234.50 USD"),
        ("1235.0000", "JPY", "1,235 JPY"),
        ("1.25", "KWD", "1.250 KWD"),
        ("-0.5", "EUR", "-0.50 EUR"),
        ("99999999999999.99", "EUR", "99,999,999,999,999.99 EUR"),
        (None, "EUR", "–"),
    ],
)
def test_money_has_the_decimals_of_its_currency(
    amount: str | None, currency: str, text: str
) -> None:
    assert money(None if amount is None else Decimal(amount), currency) == text


def test_numbers_are_written_in_the_readers_language() -> None:
    with translation.override("sv"):
        swedish = (quantity(Decimal("12345.5")), money(Decimal("12345.5"), "SEK"), whole(12345))

    assert swedish == ("12\xa0345,5", "12\xa0345,50 SEK", "12\xa0345")
    assert fixed(Decimal("98.25"), 1) == "98.2"


def test_quantities_in_a_sentence_are_written_in_the_readers_language() -> None:
    message, values = "Only %(units)s left of %(sku)s", {"units": Decimal("1234.5000"), "sku": "A"}

    with translation.override("sv"):
        swedish = filled(message, values)

    assert filled(message, values) == "Only 1,234.5 left of A"
    assert swedish == "Only 1\xa0234,5 left of A"


def test_times_are_written_at_the_site() -> None:
    late = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)

    with timezone.override("Europe/Stockholm"):
        assert moment(late) == moment("2026-11-28T00:30:00+01:00") == "28 Nov 2026, 00:30"
        shown = Template("{% load formats %}{{ at|day }} {{ at|clock }}, {{ at|appointment }}")
        assert shown.render(Context({"at": late})) == (
            "28 Nov 2026 00:30, Saturday, 28 Nov 2026, 00:30 CET"
        )
    assert day(date(2026, 11, 28)) == day("2026-11-28") == "28 Nov 2026"
    assert day(None) == moment(None) == "–"


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("fr", ("1er mai 2026", "1er mai 2026, 09:05", "1er mai"), "2 mai 2026"),
        ("sv", ("1 maj 2026", "1 maj 2026 09:05", "1 maj"), "2 maj 2026"),
        ("en", ("1 May 2026", "1 May 2026, 09:05", "1 May"), "2 May 2026"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_in_french(
    language: str, first: tuple[str, str, str], second: str
) -> None:
    on, at = date(2026, 5, 1), datetime(2026, 5, 1, 9, 5, tzinfo=UTC)

    with translation.override(language), timezone.override("UTC"):
        assert (day(on), moment(at), short_day(on)) == first
        assert day(date(2026, 5, 2)) == second


def test_a_field_that_is_only_read_writes_its_date_the_same_way() -> None:
    started = Job(created_at=datetime(2026, 5, 1, 9, 5, tzinfo=UTC))
    expected = FutureSupply(expected_on=date(2026, 5, 1))

    with translation.override("fr"), timezone.override("UTC"):
        shown = [
            read_value(cast(Any, SimpleNamespace(field={"field": name}, form=form)))
            for name, form in (
                ("created_at", SimpleNamespace(instance=started)),
                ("finished_at", SimpleNamespace(instance=started)),
                ("expected_on", SimpleNamespace(instance=expected)),
            )
        ]

    assert shown == ["1er mai 2026, 09:05", "–", "1er mai 2026"]


def test_a_column_of_a_list_writes_its_date_the_same_way() -> None:
    column = list_column(FutureSupply, "expected_on")
    with translation.override("fr"):
        written = column(FutureSupply(expected_on=date(2026, 5, 1)))

    assert written == "1er mai 2026"
    assert (column.__name__, column.admin_order_field) == ("expected_on", "expected_on")
    assert list_column(FutureSupply, "expected_on") is column
    assert list_column(FutureSupply, "reference") == "reference"


def test_months_semicolons_and_colons_are_those_of_the_language() -> None:
    with translation.override("fr"):
        assert (day(date(2027, 1, 4)), short_day(date(2027, 2, 4))) == ("4 janv. 2027", "4 févr.")
        assert series(["a", "b", "c"]) == "a\u00a0; b\u00a0; c"
    assert day(date(2027, 1, 4)) == "4 Jan 2027"
    assert (series(["a", "b"]), series(["a"]), series([])) == ("a; b", "a", "")


def test_how_long_ago_has_the_exact_time_as_its_title() -> None:
    at = timezone.now() - timedelta(days=3, hours=1)
    template = Template("{% load formats %}{{ at|ago }} · {{ none|ago }}")

    shown = template.render(Context({"at": at, "none": None}))

    assert shown == (
        f'<time datetime="{at.isoformat()}" title="{moment(at)}">3 days ago</time> · –'
    )


def test_templates_write_the_same() -> None:
    template = Template(
        "{% load formats %}{{ units|quantity }} · {{ amount|money:code }} · {{ none|day }} · "
        "{{ none|moment }} · {{ count|whole }}"
    )
    values = {"units": Decimal("40.0000"), "amount": Decimal(5), "code": "JPY", "none": None}

    shown = template.render(Context(values | {"count": 1200}))

    assert shown == "40 · 5 JPY · – · – · 1,200"


@pytest.mark.parametrize(
    "source",
    [
        "date_format(on)",
        'f"{count:,}"',
        'f"{at:%H:%M}"',
        'f"{order.total} {order.currency}"',
        'f"{price:.2f}"',
        'amount.quantize(Decimal("0.01"))',
    ],
)
def test_another_way_in_python_is_found(source: str) -> None:
    assert [line for line, _text in other_forms(f"\n{source}\n", IN_PYTHON)] == [2]


@pytest.mark.parametrize(
    "source",
    ['{{ on|date:"j M Y" }}', "{{ on|date }}", "{{ count|intcomma }}", "{{ payment.amount }}"],
)
def test_another_way_in_templates_is_found(source: str) -> None:
    assert [line for line, _text in other_forms(f"\n{source}\n", IN_TEMPLATES)] == [2]


def test_a_glued_colon_is_found_outside_texts_to_translate() -> None:
    glued = "{{ label }}: {{ text }}"
    translated = f"{{% blocktranslate %}}{glued}{{% endblocktranslate %}}"

    assert [text for _line, text in other_forms(without_texts(glued), GLUED)] == ["}}:"]
    assert [*other_forms(without_texts(translated), GLUED)] == []


def test_what_machines_read_is_no_other_way() -> None:
    python = "f'{today:%Y-%m-%d}.csv' exact_text(price, currency)"
    template = "{{ at|date:'c' }} {{ order.total|money:order.currency }}"

    assert list(other_forms(python, IN_PYTHON)) == list(other_forms(template, IN_TEMPLATES)) == []


def test_everything_is_written_in_the_one_way() -> None:
    assert list(findings()) == []
