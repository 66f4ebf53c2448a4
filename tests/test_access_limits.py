"""A person limited to sources sees nothing of others: on no page, by no action, search, file, key.

The pages come from the registry and the addresses, the operations from the description of the API,
so that a new one is walked without being named here.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pghistory
import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from config.limit_gate import is_open
from config.limit_rules import MEMBERS, RULES
from config.limits import reach_of
from core.access_limits import asking, current, rows_within
from core.models import AccessLimit, BulkChange, Job, SecurityEvent
from core.operations import jobs
from core.operations.api_keys import issue_key
from fulfillment.models import (
    DelayRequest,
    PickList,
    ReleaseRun,
    RuleRun,
    Shipment,
    WaitingRule,
)
from fulfillment.roles import ROLES, permissions_of
from inventory.models import (
    Delivery,
    FutureSupply,
    Receipt,
    SalesChannel,
    Source,
    SourceItem,
    Stock,
)
from orders.models import Order, Return
from tests.api import NOW, Api
from tests.factories.inventory import ProductFactory
from tests.fulfillment.release.waiting_orders import World, release
from tests.fulfillment.review.bulk_moves import shown
from tests.opened_form import opened_form
from tests.present import present
from tests.test_admin_smoke import make_rows
from tests.test_roles import page
from tests.test_roles_walk import TABLE, asked, our_addresses, quiet

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures(quiet.__name__, "each_error_page_once"),
]

# What people and programs call rows.
NAMED = {
    Source: ("code", "name"),
    Stock: ("code", "name"),
    SalesChannel: ("code",),
    Order: ("number",),
    Shipment: ("number",),
    FutureSupply: ("reference",),
}


@dataclass(frozen=True)
class LimitedWorld:
    """Two of everything: one is the person's, ``outside`` are the keys of the other by model."""

    person: User
    outside: dict[type[models.Model], list[int]]
    words: list[str]


def limited_person(*, sources: Any = (), stocks: Any = ()) -> User:
    """Return a person with the permissions of all roles, and limits."""
    user = User.objects.create(username="limited", is_staff=True)
    wanted = set().union(*map(permissions_of, ROLES))
    every = Permission.objects.select_related("content_type")
    user.user_permissions.set(
        one for one in every if f"{one.content_type.app_label}.{one.codename}" in wanted
    )
    AccessLimit.objects.create(
        user=user, sources=[one.pk for one in sources], stocks=[one.pk for one in stocks]
    )
    return user


def names_of(keys: Mapping[type[models.Model], Collection[int]]) -> Iterator[str]:
    for model, columns in NAMED.items():
        rows = model._default_manager.filter(pk__in=keys[model])
        for column in columns:
            yield from rows.values_list(column, flat=True)


def keys_now() -> dict[type[models.Model], list[int]]:
    every: set[type[models.Model]] = {*RULES, *NAMED, *admin.site._registry}
    return {model: list(model._default_manager.values_list("pk", flat=True)) for model in every}


@pytest.fixture
def world() -> LimitedWorld:
    # The first of all is of the installation, and is nobody's here.
    default = {model: set(keys) for model, keys in keys_now().items()}
    make_rows(0)
    mine = {model: set(keys) for model, keys in keys_now().items()}
    make_rows(1)
    sources = Source.objects.filter(pk__in=mine[Source] - default[Source])
    stocks = Stock.objects.filter(pk__in=mine[Stock] - default[Stock])
    person = limited_person(sources=sources, stocks=stocks)
    reach = present(reach_of(person))
    outside = {
        model: sorted(set(keys) - set(rows_within(model, reach).values_list("pk", flat=True)))
        if model in RULES
        else []
        for model, keys in keys_now().items()
    }
    unseen = set(names_of(outside)) - {"", "default"}
    seen_words = set(names_of(mine))
    words = sorted(word for word in unseen if not any(word in one for one in seen_words))
    assert len(words) >= 8
    return LimitedWorld(person, outside, words)


def found_in(world: LimitedWorld, text: str) -> list[str]:
    """Return the names of what is outside that stand in a text as words of their own."""
    return [
        word for word in world.words if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)
    ]


def answer(client: Client, method: str, url: str, body: Any = None) -> tuple[int, str]:
    """Return status and text of an answer, and undo what it did."""
    with transaction.atomic():
        response = getattr(client, method)(url, body or {})
        parts = response if response.streaming else [response.content]
        text = b"".join(parts).decode(errors="replace")
        transaction.set_rollback(True)
    return int(response.status_code), text


def test_pages_of_models_show_nothing_of_what_lies_outside(
    client: Client, world: LimitedWorld
) -> None:
    client.force_login(world.person)
    wrong = []
    for model in admin.site._registry:
        status, text = answer(client, "get", page(model, "changelist"))
        if found := found_in(world, text):
            wrong.append(f"{model.__name__}: {found}")
        has_page = is_open(f"{model._meta.app_label}_{model._meta.model_name}_changelist")
        if status != (200 if has_page else 404):
            wrong.append(f"{model.__name__}: {status}")
        for kind in ("add", "change", "history", "delete"):
            keys = [()] if kind == "add" else [(key,) for key in world.outside[model][-1:]]
            for key in keys:
                for method in ("get", "post"):
                    status, text = answer(client, method, page(model, kind, *key))
                    if (kind != "add" and status != 404) or found_in(world, text):
                        wrong.append(f"{method} {model.__name__} {kind} {status}")

    assert wrong == []


def test_own_rows_open(client: Client, world: LimitedWorld) -> None:
    client.force_login(world.person)
    reach = present(reach_of(world.person))
    for model in (Order, Shipment, SourceItem, FutureSupply, PickList, Source, Stock):
        row = present(rows_within(model, reach).order_by("pk").last())
        status, text = answer(client, "get", page(model, "change", row.pk))
        assert status == 200, model
        assert found_in(world, text) == [], model


def test_addresses_answer_as_if_there_were_no_such_row(client: Client, world: LimitedWorld) -> None:
    client.force_login(world.person)
    wrong = []
    patterns = our_addresses()
    for name, row in TABLE.items():
        for url in asked(name, row, patterns[name], world.person):
            names_a_row = bool(re.search(r"/\d+/", url)) and "/product/" not in url
            is_own = name.endswith("_delete_view")
            for method in ("get", "post"):
                status, text = answer(client, method, url, row.body)
                if found := found_in(world, text):
                    wrong.append(f"{method} {url}: {found}")
                if not is_open(name) or (names_a_row and not is_own):
                    expected = {404, 405}
                else:
                    expected = {200, 302, 403, 405}
                if status not in expected:
                    wrong.append(f"{method} {url}: {status}")

    assert wrong == []


def test_the_first_pages_show_nothing_of_it_and_name_the_sources(
    client: Client, world: LimitedWorld
) -> None:
    client.force_login(world.person)
    code = Source.objects.get(pk=world.person.access_limit.sources[0]).code

    status, text = answer(client, "get", reverse("admin:index"))

    assert (status, found_in(world, text)) == (200, [])
    assert "You see only these sources: " in text
    assert code in text
    assert 'href="/admin/changes/"' not in text
    assert answer(client, "get", reverse("admin:dashboard"))[0] == 404


def test_the_search_finds_nothing_of_it(client: Client, world: LimitedWorld) -> None:
    client.force_login(world.person)
    wrong = [
        word
        for word in world.words
        for text in [answer(client, "get", reverse("admin:search"), {"q": word, "list": "1"})[1]]
        if re.search(r"/(change|review)/", text)
    ]

    assert wrong == []


def test_choices_offer_nothing_of_it(client: Client, world: LimitedWorld) -> None:
    client.force_login(world.person)
    asked_for = {"app_label": "inventory", "model_name": "sourceitem", "field_name": "source"}

    status, text = answer(client, "get", reverse("admin:autocomplete"), asked_for)

    assert (status, found_in(world, text)) == (200, [])
    assert "source-" in text


def test_a_source_outside_is_refused_at_its_field(client: Client, world: LimitedWorld) -> None:
    client.force_login(world.person)
    items = SourceItem.objects.filter(pk__in=world.outside[SourceItem])
    body = {"source": items[0].source_id, "product": items[0].product_id, "quantity": "1"}

    response = client.post(page(SourceItem, "add"), body)

    assert response.status_code == 200
    assert list(response.context["errors"])
    assert "source" in response.context["adminform"].form.errors


def test_bulk_actions_take_no_row_outside(client: Client, world: LimitedWorld) -> None:
    client.force_login(world.person)
    outside = ",".join(map(str, world.outside[SourceItem]))
    name = "admin:inventory_sourceitem_bulk_status"

    response = client.get(reverse(name), {"ids": outside})

    assert response.status_code == 302
    own = present(rows_within(SourceItem, present(reach_of(world.person))).first())
    assert client.get(reverse(name), {"ids": f"{own.pk}"}).status_code == 200


def test_a_status_set_everywhere_is_set_at_ones_own_sources(
    client: Client, world: LimitedWorld
) -> None:
    client.force_login(world.person)
    own = present(rows_within(SourceItem, present(reach_of(world.person))).last())
    foreign = SourceItem.objects.create(
        product=own.product, source_id=world.outside[Source][-1], status="IN_STOCK"
    )
    bulk = reverse("admin:inventory_product_bulk_status")
    url = f"{bulk}?ids={own.product_id}&asked=1&status=OUT_OF_STOCK"

    page_of_it = client.get(url)
    # Shown again because of what somebody changed meanwhile, and confirmed once more.
    for snapshot in ("old", page_of_it.context["snapshot"]):
        answered = client.post(url, {"snapshot": snapshot})
        assert found_in(world, answered.content.decode()) == []

    foreign.refresh_from_db()
    own.refresh_from_db()
    assert (own.status, foreign.status) == ("OUT_OF_STOCK", "IN_STOCK")


def test_pages_answer_no_other_method_and_no_empty_post(
    client: Client, world: LimitedWorld
) -> None:
    client.force_login(world.person)
    wrong = []
    lists = [page(model, "changelist") for model in admin.site._registry]
    for url in [*lists, reverse("admin:inventory_low_stock")]:
        others = ("OPTIONS", "PATCH", "PUT", "DELETE", "FOO")
        wrong += [one for one in others if client.generic(one, url).status_code != 405]
        status, text = answer(client, "post", url)
        if status not in (302, 403, 404, 405) or found_in(world, text):
            wrong.append(f"POST {url}: {status}")
    status, text = answer(client, "post", reverse("admin:inventory_low_stock_export"))

    assert found_in(world, text) == []
    assert wrong == []


def test_who_sees_two_sources_sees_what_reassigning_between_them_would_do(client: Client) -> None:
    configured = World()
    lamp = ProductFactory()
    configured.item(configured.a, lamp, 1)
    ready = configured.backorder({lamp: 1}, number="L")
    release()
    configured.item(configured.b, lamp, 1)
    client.force_login(limited_person(sources=[configured.a, configured.b]))

    shown_page = shown(client, "REASSIGN", {"source": "b"}, shipment=[ready.pk])

    assert shown_page.status_code == 200
    assert shown_page.context["planned"].tally.changed_count == 1
    ready.refresh_from_db()
    assert (ready.state, present(ready.source).code) == ("READY", "a")


def test_pages_that_ask_about_the_site_open_whatever_one_sees(
    client: Client, world: LimitedWorld
) -> None:
    client.force_login(world.person)
    product = present(rows_within(SourceItem, present(reach_of(world.person))).last()).product
    for source in Source.objects.filter(pk__in=world.person.access_limit.sources)[1:]:
        Source.objects.filter(pk=source.pk).update(is_enabled=False)
    url = page(type(product), "change", product.pk)
    labels = f"{reverse('admin:inventory_product_bulk_labels')}?ids={product.pk}"

    form = opened_form(client.get(url).text)
    saved = client.post(url, form)

    assert client.get(labels).status_code == 200
    assert any("safety_stock" in name for name in form), [n for n in form if "-" in n]
    assert saved.status_code == 302, saved.context["errors"]


def test_changes_of_before_a_limit_are_not_taken_back(client: Client, world: LimitedWorld) -> None:
    client.force_login(world.person)
    items = SourceItem.objects.filter(pk__in=world.outside[SourceItem])
    with pghistory.context(user=world.person.pk) as entry:
        items.update(quantity=7)
    change = BulkChange.objects.create(
        action="STATUS",
        made_by=world.person,
        values={"status": "IN_STOCK"},
        row_ids=[item.pk for item in items],
        entry_ids=[entry.id],
        chosen_count=1,
        created_at=timezone.now(),
    )
    for name in ("take_back", "as_it_was"):
        url = reverse(f"admin:core_bulkchange_{name}", args=[change.pk])
        assert client.get(url).status_code == 403
        assert client.post(url).status_code == 403


ROWS = {
    "sources": (Source, "code"),
    "stocks": (Stock, "code"),
    "sales-channels": (SalesChannel, "code"),
    "orders": (Order, "number"),
    "shipments": (Shipment, "number"),
    "future-supply": (FutureSupply, "pk"),
    "deliveries": (Delivery, "pk"),
    "receipts": (Receipt, "pk"),
    "returns": (Return, "pk"),
    "pick-lists": (PickList, "pk"),
    "delay-requests": (DelayRequest, "pk"),
    "rules": (WaitingRule, "pk"),
    "rule-runs": (RuleRun, "pk"),
    "release-runs": (ReleaseRun, "pk"),
}
EVERYBODYS = {"products", "carriers"}


def operations() -> list[tuple[str, str]]:
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    return [
        (method.upper(), path.removeprefix("/api/v1/"))
        for path, methods in paths.items()
        for method in methods
    ]


def test_the_api_shows_nothing_of_it(world: LimitedWorld) -> None:
    _key, secret = issue_key(world.person.pk, name="test", now=NOW)
    api = Api(secret)
    wrong = []
    for method, path in operations():
        kind = path.partition("/")[0]
        named = path
        if "{" in path:
            if kind in EVERYBODYS:
                continue
            model, column = ROWS[kind]
            row = model._default_manager.filter(pk__in=world.outside[model]).last()
            if row is None:
                # Deliveries and receipts are made by operations alone.
                assert model in (Delivery, Receipt)
                continue
            first, _brace, rest = path.partition("{")
            named = f"{first}{getattr(row, column)}{rest.partition('}')[2]}".replace("{id}", "1")
        status, body = api.send(method, named, None if method in ("GET", "DELETE") else {})[:2]
        if found := found_in(world, str(body)):
            wrong.append(f"{method} {named}: {found}")
        # What is wrong with a body is told before its row is looked for; to delete is of no role.
        refusals = {"GET": {404}, "DELETE": {403, 404}}.get(method, {404, 400, 422})
        if "{" in path and status not in refusals:
            wrong.append(f"{method} {named}: {status}")

    assert wrong == []


def test_bodies_that_name_what_lies_outside_are_refused_at_the_name(world: LimitedWorld) -> None:
    _key, secret = issue_key(world.person.pk, name="test", now=NOW)
    code = Source.objects.filter(pk__in=world.outside[Source]).exclude(code="default")[0].code
    body = [{"sku": "SKU", "source": code, "quantity": "1.0000"}]

    status, problem = Api(secret).post("source-items/set/", body)

    assert status == 422
    assert [one["pointer"] for one in problem["errors"]] == ["/0/source"]


def test_every_member_of_a_body_that_names_such_a_row_is_known() -> None:
    described = SchemaGenerator().get_schema(public=True)["components"]["schemas"]
    telling = re.compile(r"source|stock|channel|shipment|order|supply")
    # Settings, texts and numbers with such words in their names, and shapes that hold others.
    plain = {
        name
        for schema in described.values()
        for name, member in schema.get("properties", {}).items()
        if member.get("type") in ("boolean", "number", "integer") or "enum" in member
    }
    bodies = [name for name in described if name.endswith(("Request", "Body"))]
    unknown = {
        name
        for body in bodies
        for name, member in described[body].get("properties", {}).items()
        if telling.search(name)
        and member.get("type") in ("string", "array", "integer")
        and name not in MEMBERS
        and name not in plain
    }

    assert unknown <= {
        "out_of_stock_threshold",
        "safety_stock",
        "order_multiple",
        "order_link_days",
    }, unknown


def test_a_key_may_see_less_than_its_user(world: LimitedWorld) -> None:
    key, secret = issue_key(world.person.pk, name="test", now=NOW)
    own = Source.objects.filter(pk__in=world.person.access_limit.sources).order_by("code")
    foreign = world.outside[Source][-1]
    AccessLimit.objects.create(api_key=key, sources=[own[0].pk, foreign])

    body = Api(secret).get("sources/")[1]

    assert [row["code"] for row in body["results"]] == [own[0].code]
    assert own.count() > 1


def test_a_job_keeps_the_limits_of_who_started_it(
    world: LimitedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def runner(_job: Job, _progress: jobs.Progress) -> dict[str, Any]:
        seen.append(current())
        return {}

    kind = jobs.Kind("test", runner, goes_on=False)
    monkeypatch.setitem(jobs._kinds, "test", kind)
    for person in (world.person, None):
        job = Job.objects.create(kind="test", started_by=person, created_at=NOW)
        jobs._work(connection, job)

    assert seen == [reach_of(world.person), None]
    assert seen[0] is not None


def test_a_limit_of_nothing_that_is_left_shows_nothing(client: Client) -> None:
    make_rows(0)
    person = limited_person()
    client.force_login(person)

    response = client.get(page(Shipment, "changelist"))

    assert list(response.context["cl"].result_list) == []
    assert "sources that there are no longer" in response.content.decode()


def test_people_without_limits_cost_no_statement(client: Client) -> None:
    make_rows(0)
    client.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))
    client.get(page(Shipment, "changelist"))

    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(page(Shipment, "changelist"))

    of_limits = [one["sql"] for one in captured if "core_accesslimit" in one["sql"]]
    assert len(of_limits) == 1
    assert 'FROM "auth_user" LEFT OUTER JOIN "core_accesslimit"' in of_limits[0]


def test_while_a_page_is_written_its_books_are_those_of_all(world: LimitedWorld) -> None:
    every = SourceItem.objects.count()
    with asking(lambda: reach_of(world.person), is_reading=True):
        assert SourceItem.objects.count() == every - len(world.outside[SourceItem])
    with asking(lambda: reach_of(world.person), is_reading=False):
        assert SourceItem.objects.count() == every


def test_a_superuser_limits_a_user(client: Client) -> None:
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    person = User.objects.create(username="ann", is_staff=True)
    source = Source.objects.create(code="north", name="North", country="SE", postcode="1")
    client.force_login(root)
    url = page(User, "change", person.pk)

    response = client.post(url, {**opened_form(client.get(url).text), "limit_sources": ["north"]})

    assert response.status_code == 302, response.context["errors"]
    assert AccessLimit.objects.get(user=person).sources == [source.pk]
    event = SecurityEvent.objects.get(kind="LIMITS_CHANGED")
    assert (event.person_id, event.actor_id, event.detail) == (
        person.pk,
        root.pk,
        {"limits": ["north"]},
    )
    assert "north" in client.get(page(User, "changelist")).text
    # The same again is no change; none is no limit.
    client.post(url, opened_form(client.get(url).text))
    assert SecurityEvent.objects.filter(kind="LIMITS_CHANGED").count() == 1
    client.post(url, {**opened_form(client.get(url).text), "limit_sources": []})
    assert not AccessLimit.objects.exists()
    assert SecurityEvent.objects.filter(kind="LIMITS_CHANGED").count() == 2


def test_a_limit_of_what_is_gone_stays_when_something_else_is_saved(client: Client) -> None:
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    person = User.objects.create(username="ann", is_staff=True)
    AccessLimit.objects.create(user=person, sources=[987654])
    client.force_login(root)
    url = page(User, "change", person.pk)

    saved = client.post(url, {**opened_form(client.get(url).text), "first_name": "Ann"})

    assert saved.status_code == 302
    assert AccessLimit.objects.get(user=person).sources == [987654]
    assert not SecurityEvent.objects.filter(kind="LIMITS_CHANGED").exists()


def test_a_superuser_has_no_limits(client: Client) -> None:
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    Source.objects.create(code="north", name="North", country="SE", postcode="1")
    client.force_login(root)
    url = page(User, "change", root.pk)

    response = client.post(url, {**opened_form(client.get(url).text), "limit_sources": ["north"]})

    assert "A superuser sees everything." in str(response.context["errors"])
    assert not AccessLimit.objects.exists()


def test_who_changes_users_changes_no_limits(client: Client) -> None:
    person = User.objects.create(username="ann", is_staff=True)
    manager = User.objects.create(username="manager", is_staff=True)
    manager.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    Source.objects.create(code="north", name="North", country="SE", postcode="1")
    client.force_login(manager)
    url = page(User, "change", person.pk)

    form = opened_form(client.get(url).text)
    response = client.post(url, {**form, "limit_sources": ["north"]})

    assert "limit_sources" not in form
    assert response.status_code == 302
    assert not AccessLimit.objects.exists()


def test_a_key_is_limited_on_its_page(client: Client) -> None:
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    stock = Stock.objects.create(code="pool", name="Pool")
    client.force_login(root)
    add = reverse("admin:core_apikey_add")

    client.post(add, {"user": root.pk, "name": "shop", "limit_stocks": ["pool"]})

    limit = AccessLimit.objects.get()
    assert (present(limit.api_key).name, limit.stocks) == ("shop", [stock.pk])
    event = SecurityEvent.objects.get(kind="LIMITS_CHANGED")
    assert "shop" in event.name
