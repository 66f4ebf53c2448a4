"""Lists to work in all day: tabs, views, columns, chips, and short addresses."""

import re
from datetime import date

import pytest
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import Group, User
from django.db import connection
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.text import capfirst

from core.admin.list_page.cards import facts_of
from core.admin.list_page.list_pages import ListPage
from core.models import SavedView
from fulfillment.models import Shipment
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import SourceFactory
from tests.test_roles import make_every_row

pytestmark = pytest.mark.django_db

LIST = reverse("admin:fulfillment_shipment_changelist")
NAME = "admin:fulfillment_shipment"


def change_lists() -> list[str]:
    """Return the address of each list of the admin."""
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]


def shown(client: Client, **asked: str) -> list[str]:
    rows = client.get(LIST, asked).context["cl"].result_list
    return sorted(shipment.number for shipment in rows)


def test_no_address_of_a_list_has_empty_parameters(admin_client: Client) -> None:
    lists = [reverse("admin:fulfillment_shipment_review")]
    for address in change_lists():
        page = admin_client.get(address)
        if isinstance(page.context and page.context.get("cl"), ChangeList):
            lists.append(address)

    assert len(lists) > 25
    for address in lists:
        answer = admin_client.get(f"{address}?q=&o=1&state=")
        assert answer.headers.get("Location") == f"{address}?o=1", address
    assert admin_client.get(f"{LIST}?q=")["Location"] == LIST


def test_the_title_of_each_list_is_its_name(admin_client: Client) -> None:
    titles, names = [], []
    for address in change_lists():
        page = admin_client.get(address)
        if page.status_code == 200 and isinstance(page.context.get("cl"), ChangeList):
            titles.append(page.text.split("<title>")[1].split("</title>")[0].strip())
            names.append(capfirst(str(page.context["cl"].opts.verbose_name_plural)))

    assert len(titles) > 20
    assert titles == [f"{name} | Backorder back office" for name in names]
    assert "Orders | Backorder back office" in titles


def test_a_label_without_a_value_and_a_count_are_written_as_elsewhere() -> None:
    empty = render_to_string("unfold/helpers/display_label.html", {"label": None})
    rows = {"result_count": 1353, "opts": Shipment._meta}
    count = render_to_string("unfold/helpers/pagination_default.html", {"cl": rows})

    assert empty.strip() == "–"
    assert " ".join(count.split()) == '<div class="py-4">1,353 shipments</div>'


def test_each_filter_of_each_list_is_a_chip_that_can_be_removed(admin_client: Client) -> None:
    make_every_row()
    found = 0
    for address in change_lists():
        page = admin_client.get(address)
        if page.status_code != 200 or not isinstance(page.context.get("cl"), ChangeList):
            continue
        for spec in page.context["cl"].filter_specs:
            name = str(spec.expected_parameters()[0])
            choices = [code for code, _label in getattr(spec, "lookup_choices", ()) or ()]
            asked = {name: choices[0] if choices else "1", "o": "1"}
            answer = admin_client.get(address, asked)
            if answer.status_code != 200:
                # The value is none of this filter's.
                continue
            (chip,) = answer.context["cl"].chips
            assert str(chip.label).lower() == str(spec.title).lower()
            assert chip.value
            assert QueryDict(chip.address.removeprefix("?")) == QueryDict("o=1"), chip
            assert f'href="{chip.address}"' in answer.content.decode()
            found += 1

    assert found > 40


def test_a_chip_says_rows_choices_ranges_and_searches_in_words(admin_client: Client) -> None:
    london = SourceFactory(code="london")
    order = BackorderFactory().order
    asked: dict[str, str | int] = {
        "q": "100",
        "state__exact": "READY",
        "hold_reason": "STAFF",
        "source__id__exact": london.pk,
        "is_held__exact": "1",
        "expected_on_from": "2026-11-01",
        "amount_from": "10",
        "amount_to": "20",
        "order__id__exact": order.pk,
        "priority": "3",
    }

    chips = admin_client.get(LIST, asked).context["cl"].chips

    assert [(chip.label, chip.value) for chip in chips] == [
        ("Search", "100"),
        ("State", "Ready"),
        ("Source", "london"),
        ("Held", "Yes"),
        ("Expected on", "from 1 Nov 2026"),
        ("Value", "10 to 20"),
        ("Hold reason", "Held by staff"),
        ("Order", order.number),
        ("Priority", "3"),
    ]


def test_tabs_narrow_the_list_and_stay_with_its_filters(admin_client: Client) -> None:
    BackorderFactory(number="W")
    BackorderFactory(number="H", is_held=True, hold_reason="STAFF")
    BackorderFactory(number="C", state="CUSTOMER_CARE", care_reason="Address")
    BackorderFactory(number="X", state="CANCELED")

    assert shown(admin_client) == ["C", "H", "W", "X"]
    assert shown(admin_client, tab="waiting") == ["H", "W"]
    assert shown(admin_client, tab="needs-a-person") == ["C", "H"]
    assert shown(admin_client, tab="done") == ["X"]
    assert shown(admin_client, tab="to-ship") == []
    assert shown(admin_client, tab="waiting", is_held__exact="1") == ["H"]
    assert shown(admin_client, tab="no such tab") == ["C", "H", "W", "X"]


def test_columns_are_chosen_for_a_list_and_the_first_stays(admin_client: Client) -> None:
    BackorderFactory(number="W")

    answer = admin_client.post(
        reverse(f"{NAME}_columns"), {"columns": ["priority"], "current": "tab=waiting&o=3"}
    )

    assert answer["Location"] == f"{LIST}?tab=waiting"
    columns = ["action_checkbox", "number", "priority"]
    assert admin_client.get(LIST).context["cl"].list_display == columns
    admin_client.post(reverse(f"{NAME}_columns"), {"columns": [], "current": ""})
    assert len(admin_client.get(LIST).context["cl"].list_display) == 9
    refused = admin_client.post(reverse(f"{NAME}_columns"), {"columns": ["password"]})
    assert refused["Location"] == LIST
    assert len(admin_client.get(LIST).context["cl"].list_display) == 9


def test_a_view_of_a_list_is_kept_opened_and_shared(client: Client) -> None:
    BackorderFactory(number="W")
    BackorderFactory(number="X", state="CANCELED")
    for role in ("Fulfillment", "Viewer"):
        user = User.objects.create_user(role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
    client.force_login(User.objects.get(username="Fulfillment"))

    saved = client.post(
        reverse(f"{NAME}_save_view"),
        {"name": "Gone", "current": "tab=done&p=2", "columns": ["state_label"], "is_shared": "1"},
    )

    view = SavedView.objects.get()
    assert saved["Location"] == f"{LIST}?tab=done&view={view.pk}"
    client.force_login(User.objects.get(username="Viewer"))
    page = client.get(saved["Location"])
    assert page.context["cl"].list_display == ["number", "state_label"]
    assert [row.number for row in page.context["cl"].result_list] == ["X"]
    assert [entry["shared_by"] for entry in page.context["list_head"]["views"]] == ["Fulfillment"]
    assert "Delete this view" not in page.content.decode()
    assert (
        client.get(reverse("admin:fulfillment_shipment_review")).context["list_head"]["views"] == []
    )


def test_a_list_costs_the_same_for_any_number_of_rows(admin_client: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(LIST, {"state": "BACKORDER", "tab": "waiting"})
        return len(queries)

    BackorderFactory()
    admin_client.get(LIST)
    few = cost()
    for _number in range(20):
        BackorderFactory()

    assert cost() == few


def test_every_column_that_may_be_chosen_is_one_of_its_list() -> None:
    pages = [page for page in admin.site._registry.values() if isinstance(page, ListPage)]

    assert any(page.model is Shipment for page in pages)
    for page in pages:
        for name in page.more_columns:
            assert hasattr(page, name) or page.model._meta.get_field(name), name


def test_shipments_are_sorted_by_more_where_they_are_few(admin_client: Client) -> None:
    def offered(tab: str) -> set[str]:
        page = admin_client.get(LIST, {"tab": tab} if tab else {})
        return set(page.context["cl"].sortable_by)

    always = {"number", "state_label"}
    assert offered("") == offered("done") == always
    for tab in ("to-ship", "waiting", "needs-a-person"):
        assert offered(tab) > always, tab


def test_a_column_that_is_not_offered_sorts_nothing(admin_client: Client) -> None:
    late = BackorderFactory(expected_on=date(2027, 3, 1)).number
    soon = BackorderFactory(expected_on=date(2027, 2, 1)).number
    column = list(admin_client.get(LIST).context["cl"].list_display).index("expected_on")

    def order(**asked: str) -> list[str]:
        rows = admin_client.get(LIST, asked).context["cl"].result_list
        return [shipment.number for shipment in rows]

    assert order(tab="waiting", o=str(column)) == [soon, late]
    assert order(tab="waiting", o=f"-{column}") == [late, soon]
    assert order(o=str(column)) == order(o=f"-{column}") == order()


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("fulfillment_shipment", ["customer", "state_label", "expected_on"]),
        ("inventory_product", ["product_name", "on_hand", "flags"]),
        ("inventory_sourceitem", ["product_name", "source", "on_hand"]),
        ("inventory_futuresupply", ["source", "expected_on", "state_badge"]),
        ("fulfillment_delayrequest", ["state_label", "new_date", "answer_by"]),
        ("orders_orderemail", ["kind", "state_label", "sent_at"]),
        ("inventory_source", []),
    ],
)
def test_a_card_shows_three_facts(admin_client: Client, name: str, facts: list[str]) -> None:
    make_every_row()

    page = admin_client.get(reverse(f"admin:{name}_changelist"))

    row = page.text.partition('<tr class="data-row')[2].partition("</tr>")[0]
    assert re.findall(r'<td class="is-fact field-(\w+)', row) == facts
    assert page.context["cl"].facts == facts
    assert ("has-facts" in page.text) is bool(facts)


def test_foremost_facts_are_shown_where_there_are_such_columns() -> None:
    columns = ["a", "b", "c", "d", "e"]

    assert facts_of(columns) == ["a", "b", "c"]
    assert facts_of(columns, ["e", "x", "c"]) == ["e", "c", "a"]
    assert facts_of(["a"], ["x"]) == ["a"]
