"""Bulk actions asked for wrongly, and by those who may not take them."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from inventory.models import SourceItem
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.inventory.bulk_pages import ITEMS, page, status_page, words

pytestmark = pytest.mark.django_db
PAGES = [
    "inventory_product_bulk_assign",
    "inventory_product_bulk_unassign",
    "inventory_product_bulk_transfer",
    "inventory_product_bulk_status",
    "inventory_product_bulk_option",
    "inventory_sourceitem_bulk_unassign",
    "inventory_sourceitem_bulk_transfer",
    "inventory_sourceitem_bulk_status",
    "inventory_sourceitem_bulk_option",
]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"quantity": "0"}, "greater than or equal to 0.0001"),
        ({"quantity": "1,5"}, "Write a decimal point: 1.5."),
        ({"quantity": "-2"}, "greater than or equal to 0.0001"),
        ({"to_source": "77777"}, "Select a valid choice."),
        ({"to_source": ""}, "This field is required."),
    ],
)
def test_a_wrong_value_has_its_error_at_its_field(
    admin_client: Client, parameters: dict[str, str], sentence: str
) -> None:
    item = SourceItemFactory()
    asked = {"to_source": SourceFactory().pk, "quantity": "1", **parameters}

    response = admin_client.get(
        page("inventory_sourceitem_bulk_transfer", ids=item.pk, asked=1, **asked)
    )

    assert sentence in words(response)
    assert "planned" not in response.context


def test_a_source_gives_nothing_to_itself(admin_client: Client) -> None:
    item = SourceItemFactory()

    response = admin_client.get(
        page(
            "inventory_product_bulk_transfer",
            ids=item.product_id,
            asked=1,
            from_source=item.source_id,
            to_source=item.source_id,
        )
    )

    assert "Choose two different sources." in words(response)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Select rows of the list first."),
        ("ids=abc,,9999999999999999999999", "Select rows of the list first."),
        ("filter=nonsense__x%3D1&all_matching=1", "The filter is not understood."),
    ],
)
def test_an_address_that_chooses_nothing_leads_back_to_the_list(
    admin_client: Client, query: str, sentence: str
) -> None:
    url = f"{reverse('admin:inventory_sourceitem_bulk_status')}?{query}"

    response = admin_client.get(url, follow=True)

    assert response.redirect_chain[0][0] == ITEMS
    assert sentence in words(response)


def test_a_confirmation_without_a_preview_changes_nothing(admin_client: Client) -> None:
    item = SourceItemFactory()
    url = status_page(ids=item.pk)

    response = admin_client.post(url, {})

    assert response["Location"] == url
    item.refresh_from_db()
    assert item.status == "IN_STOCK"


def test_a_page_number_beyond_the_last_shows_the_last(admin_client: Client) -> None:
    keys = ",".join(str(SourceItemFactory().pk) for _ in range(51))

    first = admin_client.get(status_page(ids=keys))
    last = admin_client.get(status_page(ids=keys, page="999999"))
    junk = admin_client.get(status_page(ids=keys, page="-1"))

    assert (len(first.context["rows"]), first.context["previous_page"]) == (50, "")
    assert first.context["next_page"].endswith("&page=2")
    assert (len(last.context["rows"]), last.context["next_page"]) == (1, "")
    assert len(junk.context["rows"]) == 50


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", ["Merchant", "Fulfillment", "Operations", "Viewer"])
def test_only_merchants_may_open_or_confirm_them(client: Client, role: str, name: str) -> None:
    item = SourceItemFactory()
    user = User.objects.create(username="somebody", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    url = page(name, ids=item.pk if "sourceitem" in name else item.product_id)
    expected = 200 if role == "Merchant" else 403

    assert client.get(url).status_code == expected
    if role != "Merchant":
        assert client.post(url, {"snapshot": "1"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("Merchant", {"bulk_unassign", "bulk_transfer", "bulk_status", "bulk_option"}),
        ("Viewer", set()),
        ("Operations", set()),
    ],
)
def test_the_list_offers_actions_to_those_who_may_take_them(
    client: Client, role: str, names: Any
) -> None:
    SourceItemFactory()
    user = User.objects.create(username="somebody", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    form = client.get(ITEMS).context["action_form"]

    offered = set() if form is None else {name for name, _label in form.fields["action"].choices}
    assert {name for name in offered if name.startswith("bulk_")} == names


def test_rows_that_changed_after_the_preview_are_listed_and_nothing_is_written(
    admin_client: Client,
) -> None:
    items = [SourceItemFactory(product=ProductFactory(sku=sku)) for sku in ("LAMP", "SOFA")]
    url = status_page(ids=",".join(str(item.pk) for item in items))
    page = admin_client.get(url)
    carried = {"snapshot": page.context["snapshot"]}
    SourceItem.objects.filter(pk=items[0].pk).update(status="OUT_OF_STOCK")

    answer = admin_client.post(url, carried, follow=True)

    assert [str(message) for message in answer.context["messages"]] == [
        f"1 row was changed after this page was opened: {items[0]} (Status: In Stock shown, Out of "
        "Stock now). Nothing was done. "
        "Review it again."
    ]
    assert SourceItem.objects.get(pk=items[1].pk).status == "IN_STOCK"
    again = {"snapshot": answer.context["snapshot"]}
    admin_client.post(url, again)
    assert SourceItem.objects.get(pk=items[1].pk).status == "OUT_OF_STOCK"


@pytest.mark.parametrize("snapshot", ["", "x", "a\x00b", "0" * 64, "z" * 64])
def test_what_the_page_did_not_carry_names_no_row(admin_client: Client, snapshot: str) -> None:
    url = status_page(ids=SourceItemFactory().pk)

    answer = admin_client.post(url, {"snapshot": snapshot}, follow=True)

    assert [str(message) for message in answer.context["messages"]] == [
        "The preview is no longer up to date. Nothing was done. Review it again."
    ]
    assert SourceItem.objects.get().status == "IN_STOCK"
