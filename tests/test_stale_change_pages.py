"""Every change page of the admin: nothing that others saved is undone by saving an open page.

The pages come from the registry, so that a new one is among them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.html import escape
from django_celery_beat.models import IntervalSchedule

from core.admin.fields import DaysFormField
from core.admin.shown_values.form_rows import ShownRows
from core.admin.shown_values.forms import ShownForm
from core.admin.shown_values.pages import ShownPage
from core.admin.shown_values.words import value_in_words
from core.models import ApiKey
from core.operations.api_keys import issue_key
from core.periods import CalendarPeriod, PeriodUnit
from fulfillment.models import Carrier, ScheduledWork, WaitingRule
from fulfillment.operations.upkeep.schedule import Interval, SchedulePlan, change_schedule
from inventory.admin.option_fields import UseConfigField
from inventory.admin.sources import WeekdaysField
from inventory.models import InventoryConfiguration
from inventory.options import OptionKind
from tests.factories.inventory import (
    FutureSupplyFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.opened_form import opened_form
from tests.present import present

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def somebody() -> Any:
    request = RequestFactory().get("/")
    request.user = User(pk=0, username="somebody", is_active=True, is_superuser=True)
    return request


CHANGED_HERE = [
    model for model, page in admin.site._registry.items() if page.has_change_permission(somebody())
]
# What a field takes that reads more than any text.
# Each action of a rule has values of its own, and no others: these would not be valid together.
OF_OTHER_ACTIONS = {
    "action", "raise_by", "raise_up_to", "priority", "assignee", "recipients", "cause",
}  # fmt: skip
TEXTS = {"kwargs": ('{"job_id": 1}', '{"job_id": 2}'), "country": ("GB", "SE")}


def make_row(model: Any) -> Any:
    """Make a row of ``model``, with two more of all that it may refer to."""
    sources = [SourceFactory(street="1 Main", city="Leeds", phone="1") for _ in range(3)]
    stocks = [StockFactory() for _ in range(2)]
    item = SourceItemFactory(source=sources[0])
    user = User.objects.create(username="person", first_name="Ada")
    groups = [Group.objects.create(name=f"group {number}") for number in range(3)]
    rows: dict[str, Callable[[], Any]] = {
        "product": lambda: item.product,
        "sourceitem": lambda: item,
        "source": lambda: sources[1],
        "stock": lambda: StockFactory(sources=sources[:1]),
        "saleschannel": lambda: SalesChannelFactory(stock=stocks[0]),
        "futuresupply": lambda: FutureSupplyFactory(product=item.product, source=sources[0]),
        "apikey": lambda: make_api_key(user),
        "inventoryconfiguration": InventoryConfiguration.load,
        "user": lambda: user,
        "group": lambda: groups[0],
        "scheduledwork": make_scheduled_work,
        "carrier": lambda: Carrier.objects.create(code="van", name="Our van"),
        "waitingrule": lambda: WaitingRule.objects.create(
            name="late", age_days_min=7, action="CUSTOMER_CARE", reason="old"
        ),
    }
    assert model._meta.model_name in rows, f"This walk makes no row of {model._meta.label}."
    return rows[model._meta.model_name]()


def make_api_key(user: User) -> ApiKey:
    issue_key(user.pk, name="shop", now=NOW)
    return ApiKey.objects.get()


def make_scheduled_work() -> ScheduledWork:
    return ScheduledWork.objects.create(
        name="work",
        task="core.run_job",
        kwargs='{"job_id": 7}',
        interval=IntervalSchedule.objects.create(every=7, period="minutes"),
    )


@dataclass(frozen=True)
class Other:
    """Another value of a field: as it is stored, and as it is typed."""

    stored: Any
    typed: dict[str, Any]


def others(form: Any, name: str) -> list[Other]:
    """Return up to two values of a field other than its own, both of them valid alone."""
    if name in {"task", "args"}:
        # What is called decides which fields the page has, and what they take.
        return []
    if isinstance(form.instance, WaitingRule) and name in OF_OTHER_ACTIONS:
        return []
    field, prefix = form.fields[name], form.add_prefix(name)
    now = form.get_initial_for_field(field, name)
    found = [other for other in _possible(field, prefix, now) if other.stored != now]
    return found[:2]


def _possible(field: Any, name: str, now: Any) -> Iterator[Other]:
    if isinstance(field, UseConfigField):
        yield from _options(field, name)
    elif isinstance(field, forms.ModelMultipleChoiceField):
        for row in present(field.queryset).order_by("pk")[:2]:
            yield Other([row], {name: [str(row.pk)]})
    elif isinstance(field, (WeekdaysField, DaysFormField, forms.TimeField)):
        yield from _calendar(field, name)
    elif isinstance(field, forms.BooleanField):
        yield Other(not now, {name: "" if now else "on"})
    elif isinstance(field, forms.SplitDateTimeField):
        for days in (1, 2):
            at = NOW + timedelta(days=days)
            yield Other(at, {f"{name}_0": f"{at:%Y-%m-%d}", f"{name}_1": "09:00:00"})
    else:
        for value in _values(field, name, now):
            yield Other(value, {name: str(value)})


def _calendar(field: Any, name: str) -> Iterator[Other]:
    """Yield values of when a source works."""
    if isinstance(field, forms.TimeField):
        for at in (time(9), time(10)):
            yield Other(at, {name: f"{at:%H:%M}"})
    elif isinstance(field, WeekdaysField):
        for days in (["MON"], ["TUE", "FRI"]):
            yield Other(days, {name: days})
    else:
        for day in (date(2027, 1, 4), date(2027, 1, 5)):
            yield Other([day], {name: f"{day}"})


def _values(field: Any, name: str, now: Any) -> Iterable[Any]:
    """Return values that are typed as they are stored."""
    if isinstance(field, forms.ModelChoiceField):
        return [row.pk for row in present(field.queryset).order_by("-pk")[:3]]
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        flat = [
            key
            for value, label in choices
            for key, _ in (label if isinstance(label, (list, tuple)) else [(value, label)])
        ]
        return [key for key in flat if key not in {"", None} and str(key) != str(now)]
    if isinstance(field, forms.DateField):
        return [date(2027, 1, 2), date(2027, 1, 3)]
    if isinstance(field, (forms.DecimalField, forms.IntegerField, forms.FloatField)):
        return [Decimal(3), Decimal(4), Decimal(5)]
    if isinstance(field, forms.EmailField):
        return ["ada@example.com", "eva@example.com"]
    return TEXTS.get(name.rpartition("-")[2], ("1", "2"))


def _options(field: UseConfigField, name: str) -> Iterator[Other]:
    values: dict[OptionKind, Iterable[Any]] = {
        OptionKind.YES_NO: (True, False),
        OptionKind.CHOICE: [choice for choice, _label in field.option.choices],
        OptionKind.QUANTITY: (Decimal(3), Decimal(4)),
        OptionKind.WHOLE: (3, 4),
    }
    if field.option.kind is OptionKind.PERIOD:
        for number in (3, 4):
            yield Other(
                CalendarPeriod(number, PeriodUnit.DAYS),
                {f"{name}_value_quantity": str(number), f"{name}_value_unit": "DAYS"},
            )
    else:
        for value in values[field.option.kind]:
            yield Other(value, {f"{name}_value": str(value)})


def compared(response: Any) -> Iterator[tuple[Any, str]]:
    """Return each form on the page with each field that a person can change there."""
    every = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        every += inline.formset.initial_forms
    for form in every:
        for name in form.compared_names():
            yield form, name


def save_elsewhere(saved: list[tuple[Any, str, Any]]) -> None:
    """Save values of rows, by name, those of one row at once."""
    columns: dict[Any, dict[str, Any]] = {}
    for row, name, value in saved:
        field = row._meta.get_field(name)
        if field.many_to_many:
            getattr(row, name).set(value)
        else:
            columns.setdefault(row, {})[field.attname] = value
    for row, values in columns.items():
        type(row)._base_manager.filter(pk=row.pk).update(**values)


def stored(row: Any, name: str) -> Any:
    fresh = type(row)._base_manager.get(pk=row.pk)
    field = row._meta.get_field(name)
    return list(getattr(fresh, name).all()) if field.many_to_many else getattr(fresh, field.attname)


def is_stored(row: Any, name: str) -> bool:
    return name in {field.name for field in (*row._meta.concrete_fields, *row._meta.many_to_many)}


def address(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def type_in(entered: dict[str, Any], form: Any, name: str, typed: dict[str, Any]) -> None:
    """Enter a value as a person does, who unticks the box beside it and unchecks what is off."""
    entered.pop(f"{form.add_prefix(name)}_use_config", None)
    entered.update(typed)
    for control, text in typed.items():
        if text == "":
            entered.pop(control)


@pytest.mark.parametrize("model", CHANGED_HERE, ids=lambda model: model._meta.label_lower)
def test_what_others_saved_stays_when_an_open_page_is_saved(
    admin_client: Client, model: Any
) -> None:
    row = make_row(model)
    page = admin_client.get(address(row))
    entered = opened_form(page.text)
    fields = [(form, name) for form, name in compared(page) if is_stored(form.instance, name)]
    assert fields
    saved = []
    for form, name in fields:
        saved += [(form.instance, name, other.stored) for other in others(form, name)[:1]]
    save_elsewhere(saved)

    answer = admin_client.post(address(row), entered)

    assert answer.status_code == 302, said(answer)
    assert saved
    for changed, name, value in saved:
        assert stored(changed, name) == value, name


@pytest.mark.parametrize("model", CHANGED_HERE, ids=lambda model: model._meta.label_lower)
def test_a_field_changed_by_two_says_both_values_and_writes_nothing(
    admin_client: Client, model: Any
) -> None:
    row = make_row(model)
    page = admin_client.get(address(row))
    entered = opened_form(page.text)
    both = []
    for form, name in compared(page):
        if is_stored(form.instance, name) and len(values := others(form, name)) == 2:
            type_in(entered, form, name, values[1].typed)
            both.append((form, name, values))
    assert both
    save_elsewhere([(form.instance, name, values[0].stored) for form, name, values in both])

    answer = admin_client.post(address(row), entered)

    assert answer.status_code == 200
    # What is typed is in the fields; the page is about the row that is stored.
    assert answer.context["subtitle"] == str(type(row)._base_manager.get(pk=row.pk))
    again = {form.prefix: form for form, _name in compared(answer)}
    kept = opened_form(answer.text)
    for form, name, (now, typed) in both:
        assert stored(form.instance, name) == now.stored, name
        [error] = [
            error
            for error in again[form.prefix].errors.as_data()[name]
            if error.code == "changed_meanwhile"
        ]
        for value in (now.stored, typed.stored):
            words = value_in_words(form.fields[name], value)
            assert f"“{words}”" in error.messages[0]
            assert escape(words) in answer.text
        for control, text in typed.typed.items():
            assert kept[control] == (
                text[0] if isinstance(text, list) and len(text) == 1 else text
            ), name


def said(answer: Any) -> list[str]:
    return [str(error) for error in answer.context["errors"]]


@pytest.mark.parametrize("model", CHANGED_HERE, ids=lambda model: model._meta.label_lower)
def test_every_change_page_and_its_rows_are_of_the_kind_that_compares(model: Any) -> None:
    page = admin.site._registry[model]
    row = make_row(model)

    assert isinstance(page, ShownPage)
    assert issubclass(page.get_form(somebody(), row, change=True), ShownForm)
    for formset, _inline in page.get_formsets_with_inlines(somebody(), row):
        if formset.form.base_fields:
            assert issubclass(formset, ShownRows)
            assert issubclass(formset.form, ShownForm)


def test_a_schedule_is_compared_although_its_times_stand_in_other_rows(
    admin_client: Client,
) -> None:
    row = make_row(ScheduledWork)
    entered = opened_form(admin_client.get(address(row)).text)
    change_schedule(
        row.pk, SchedulePlan(Interval(20, "hours"), None, None, is_one_off=False), now=NOW
    )

    kept = admin_client.post(address(row), {**entered, "description": "Nightly"})
    refused = admin_client.post(address(row), {**entered, "every": "30"})

    assert kept.status_code == 302
    assert refused.context["adminform"].form.errors == {
        "every": [
            "This was changed to “20” after the page was opened. You entered “30”. Save again to "
            "write your value, or enter another."
        ]
    }
    row = ScheduledWork.objects.select_related("interval").get(pk=row.pk)
    assert (present(row.interval).every, present(row.interval).period, row.description) == (
        20,
        "hours",
        "Nightly",
    )
