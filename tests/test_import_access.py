"""Who may add the rows of a list may bring in its file and see it, and nobody else may."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from inventory.admin.file_access import LISTS, upload_page
from inventory.files.file_formats import FORMATS
from inventory.models import ImportFile
from tests.test_roles_walk import PEOPLE, person, quiet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures(quiet.__name__)]

INVENTORY = {"STOCK_SOURCES", "PRODUCTS", "FUTURE_SUPPLY"}
BRINGS_IN = {
    "superuser": {*INVENTORY, "ORDERS", "PARCELS"},
    "staff without a role": set(),
    "Merchant": INVENTORY,
    "Fulfillment": {"ORDERS", "PARCELS"},
    "Operations": set(),
    "Viewer": set(),
}
PAGES = ("change", "problems", "refused_rows")
ACTS = ("confirm", "check")


def address(name: str, file: ImportFile) -> Any:
    return reverse(f"admin:inventory_importfile_{name}", args=[file.pk])


def refused_file(code: Any, by: Client) -> ImportFile:
    """A file with one bad row, brought in by a superuser."""
    chosen = FORMATS[code]
    behavior, columns = next(iter(chosen.behaviors.items()))
    content = f"{','.join(columns)}\n{',' * (len(columns) - 1)}x\n".encode()
    posted = {"file": SimpleUploadedFile("a.csv", content), "behavior": behavior}
    assert by.post(upload_page(code), posted).status_code == 302
    return ImportFile.objects.latest("pk")


def test_the_table_names_everybody_and_every_format() -> None:
    assert sorted(BRINGS_IN) == sorted(PEOPLE)
    assert BRINGS_IN["superuser"] == set(FORMATS) == set(LISTS)


@pytest.mark.parametrize("role", PEOPLE)
def test_files_are_brought_in_and_seen_by_those_who_may_add_their_rows(
    client: Client, admin_client: Client, role: Any
) -> None:
    files = {code: refused_file(code, admin_client) for code in FORMATS}
    client.force_login(person(role))

    for code, file in files.items():
        may = code in BRINGS_IN[role]
        assert client.get(upload_page(code)).status_code == (200 if may else 403), code
        for name in PAGES:
            assert client.get(address(name, file)).status_code in ((200,) if may else (403, 404)), (
                code,
                name,
            )
        for name in ACTS:
            assert client.post(address(name, file)).status_code in (
                (302,) if may else (403, 404)
            ), (code, name)

    listed = client.get(reverse("admin:inventory_importfile_changelist"))
    start = client.get(reverse("admin:inventory_importfile_start"))
    assert listed.status_code == start.status_code == (200 if BRINGS_IN[role] else 403)
    if BRINGS_IN[role]:
        seen = {file.format for file in listed.context["cl"].result_list}
        assert seen == BRINGS_IN[role]
        offered = {kind["url"] for kind in start.context["kinds"]}
        assert offered == {upload_page(code) for code in BRINGS_IN[role]}


def test_the_right_to_add_rows_is_all_that_is_needed(client: Client) -> None:
    user = User.objects.create(username="somebody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="add_order"))
    client.force_login(user)

    file = refused_file("ORDERS", client)

    assert client.get(address("change", file)).status_code == 200
    menu = client.get(address("change", file)).context["sidebar_navigation"]
    assert [str(item["title"]) for section in menu for item in section["items"]] == ["Imports"]
    assert client.get(upload_page("PRODUCTS")).status_code == 403


def test_the_right_to_see_imports_alone_shows_none(client: Client) -> None:
    user = User.objects.create(username="somebody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_importfile"))
    client.force_login(user)

    assert client.get(reverse("admin:inventory_importfile_changelist")).status_code == 403
