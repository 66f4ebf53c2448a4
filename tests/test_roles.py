"""Every page of the admin, as every role and as nobody, compared with the one table."""

import logging
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client, RequestFactory
from django.urls import reverse

from fulfillment.roles import ROLES, permissions_of
from inventory.models import ImportFile, InventoryConfiguration
from tests.test_admin_smoke import make_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_error_page_once")]

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)
NO_ROLE = "staff without a role"
PEOPLE = [*ROLES, NO_ROLE]


def page(model: Any, kind: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def allowed(role: str, model: Any, action: str) -> bool:
    return action in ROLES.get(role, {}).get(model._meta.label_lower, ())


def offered(model: Any, action: str, row: Any = None) -> bool:
    """Whether the page lets even a superuser do this: logs let nobody."""
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True)
    hook = getattr(admin.site._registry[model], f"has_{action}_permission")
    return bool(hook(request) if action == "add" else hook(request, row))


def status(client: Client, url: str) -> int:
    return int(client.get(url, follow=True).status_code)


def make_every_row() -> None:
    make_rows(0)
    InventoryConfiguration.load()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Each refusal is logged with its traceback, which takes longer than the page."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(params=PEOPLE)
def role(request: pytest.FixtureRequest, client: Client) -> str:
    user = User.objects.create(username="somebody", is_staff=True)
    if request.param != NO_ROLE:
        user.groups.add(Group.objects.get(name=request.param))
    client.force_login(user)
    return str(request.param)


@pytest.mark.parametrize("name", ROLES)
def test_migrations_give_each_group_exactly_the_permissions_of_the_table(name: Any) -> None:
    granted = Group.objects.get(name=name).permissions.values_list(
        "content_type__app_label", "codename"
    )

    assert {f"{label}.{codename}" for label, codename in granted} == permissions_of(name)


def test_tables_and_permissions_are_of_models_that_there_are() -> None:
    named = {model for table in ROLES.values() for model in table}
    stored = ContentType.objects.filter(
        app_label__in=["core", "inventory", "orders", "fulfillment"]
    )

    assert {model for model in named if not is_model(model)} == set()
    assert {str(row) for row in stored if row.model_class() is None} == set()


def is_model(label: str) -> bool:
    try:
        return bool(apps.get_model(label))
    except LookupError:
        return False


def test_table_in_literal_examples() -> None:
    assert "inventory.change_inventoryconfiguration" in permissions_of("Merchant")
    assert "fulfillment.change_shipment" not in permissions_of("Merchant")
    assert "fulfillment.change_shipment" in permissions_of("Fulfillment")
    assert "inventory.change_product" not in permissions_of("Fulfillment")
    assert "fulfillment.change_scheduledwork" in permissions_of("Operations")
    assert "fulfillment.add_scheduledwork" not in permissions_of("Operations")
    assert "fulfillment.view_scheduledwork" not in permissions_of("Merchant")
    assert "fulfillment.change_shipment" not in permissions_of("Operations")
    assert all(name.split(".")[1].startswith("view_") for name in permissions_of("Viewer"))


def test_lists_open_for_those_who_may_view(client: Client, role: str) -> None:
    expected = {model: 200 if allowed(role, model, "view") else 403 for model in MODELS}

    assert {model: status(client, page(model, "changelist")) for model in MODELS} == expected


def test_add_pages_open_for_those_who_may_add(client: Client, role: str) -> None:
    expected = {
        model: 200 if allowed(role, model, "add") and offered(model, "add") else 403
        for model in MODELS
    }

    assert {model: status(client, page(model, "add")) for model in MODELS} == expected


def test_rows_open_for_viewers_and_save_for_changers_alone(client: Client, role: str) -> None:
    make_every_row()
    for model in MODELS:
        if model is ImportFile:
            continue  # Seen by those who may bring it in: tests/test_import_access.py.
        row = model._default_manager.order_by("pk").last()
        assert row is not None, model
        url = page(model, "change", row.pk)
        may_view = allowed(role, model, "view")
        may_change = allowed(role, model, "change") and offered(model, "change", row)

        response = client.get(url)

        assert response.status_code == (200 if may_view else 403), model
        if may_view:
            assert response.context["has_change_permission"] is may_change, model
        if not may_change:
            assert client.post(url, {}).status_code == 403, model


def test_nobody_is_asked_to_sign_in(client: Client) -> None:
    for model in MODELS:
        for kind in ("changelist", "add"):
            response = client.get(page(model, kind))
            assert response.status_code == 302
            assert response["Location"].startswith(reverse("admin:login"))


def test_roles_go_when_their_migration_is_undone_and_come_back() -> None:
    migration = import_module("fulfillment.migrations.0002_roles")
    migration.remove_roles(apps, None)
    assert not Group.objects.filter(name__in=ROLES).exists()

    migration.make_roles(apps, None)

    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)
