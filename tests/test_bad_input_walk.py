"""Bad input at every list, form and page: people get a page that says so, never a 500.

Lists, filters and fields come from the registry, our own pages from the addresses, so that new
ones are among them.
"""

import logging
import sys
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.signals import got_request_exception
from django.db import transaction
from django.template.response import SimpleTemplateResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from inventory.models import InventoryConfiguration
from tests.opened_form import opened_form
from tests.present import present
from tests.test_roles import make_every_row
from tests.test_roles_walk import TABLE, asked, our_addresses

pytestmark = pytest.mark.django_db

BAD_VALUES = {
    "NUL": "a\x00b",
    "monstrous exponent": "1e200000",
    "long number": "9" * 400,
    "last day": "9999-12-31",
    # Half of a pair of surrogates in a form or an address becomes replacement characters.
    "words": "\N{SUPERSCRIPT TWO}\N{REPLACEMENT CHARACTER}.y-,'",
}
# Each entry is asked with one of the values, by turns; with all of them in the long run.
by_turns = pytest.mark.parametrize(
    "values",
    [
        list(BAD_VALUES.values()),
        *(pytest.param([value], marks=pytest.mark.long) for value in BAD_VALUES.values()),
    ],
    ids=["by turns", *BAD_VALUES],
)
# What every list understands beside its filters.
OF_EVERY_LIST = ("o", "p", "q", "all", "e", "_facets", "_popup", "_to_field", "unknown")
# What our own pages read of their address.
OF_OUR_PAGES = ("q", "page", "sort", "sku", "stock", "source", "run", "view", "state", "day")
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)


class SuperuserWalk:
    """Asks as a superuser, and remembers what failed with its cause."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.force_login(
            User.objects.create(username="walker", is_staff=True, is_superuser=True)
        )
        self.failed: list[str] = []
        self.cause = ""

    def remember(self, sender: Any, request: Any, **kwargs: Any) -> None:
        self.cause = repr(sys.exc_info()[1])[:200]

    def get(self, url: str, values: dict[str, str]) -> None:
        self._ask("get", url, values)

    def post(self, url: str, values: dict[str, Any]) -> None:
        self._ask("post", url, values)

    def _ask(self, method: str, url: str, values: dict[str, Any]) -> None:
        with transaction.atomic():
            response = getattr(self.client, method)(url, values)
            if hasattr(response, "streaming_content"):
                b"".join(response.streaming_content)
            transaction.set_rollback(True)
        if response.status_code >= 500:
            self.failed.append(f"{method} {url} {values if method == 'get' else ''}: {self.cause}")


@pytest.fixture
def walk(each_error_page_once: None) -> Iterator[SuperuserWalk]:
    logging.disable(logging.CRITICAL)
    made = SuperuserWalk()
    got_request_exception.connect(made.remember)
    yield made
    got_request_exception.disconnect(made.remember)
    logging.disable(logging.NOTSET)


def page(model: Any, kind: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def filters_of(model: Any) -> list[str]:
    """Return the parameters that a list's filters understand."""
    request = RequestFactory().get("/")
    request.user = User(pk=0, is_active=True, is_superuser=True)
    specs = admin.site._registry[model].get_changelist_instance(request).get_filters(request)[0]
    return [name for spec in specs for name in spec.expected_parameters() if name]


def written_forms(walk: SuperuserWalk) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the address of each page of the admin that has a form, and what it would post."""
    for model in MODELS:
        row = present(model._default_manager.order_by("pk").last())
        for url in (page(model, "add"), page(model, "change", row.pk)):
            opened = walk.client.get(url)
            if opened.status_code == 200 and 'name="_save"' in opened.text:
                yield url, opened_form(opened.text)


@by_turns
def test_lists_take_every_bad_value(walk: SuperuserWalk, values: Any) -> None:
    make_every_row()
    turns = cycle(values)
    for model in MODELS:
        # The one configuration has no list.
        if model is not InventoryConfiguration:
            for name in [*OF_EVERY_LIST, *filters_of(model)]:
                walk.get(page(model, "changelist"), {name: next(turns)})

    assert walk.failed == []


@by_turns
def test_forms_take_every_bad_value_in_all_their_fields(walk: SuperuserWalk, values: Any) -> None:
    make_every_row()
    turns = cycle(values)
    for url, form in written_forms(walk):
        value = next(turns)
        walk.post(url, {name: kept(name, typed, value) for name, typed in form.items()})
        walk.get(url, dict.fromkeys(form, next(turns)))

    assert walk.failed == []


@pytest.fixture
def _unrendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask views for all but the HTML of their answers."""

    def render(self: SimpleTemplateResponse) -> SimpleTemplateResponse:
        self.content = b""
        return self

    monkeypatch.setattr(SimpleTemplateResponse, "render", render)


def bad_value_in_each_field(
    walk: SuperuserWalk, values: list[str], forms: list[tuple[str, dict[str, Any]]]
) -> None:
    turns = cycle(values)
    for url, form in forms:
        for name in form:
            walk.post(url, {**form, name: next(turns)})


def test_forms_take_a_bad_value_in_each_field(
    walk: SuperuserWalk, request: pytest.FixtureRequest
) -> None:
    """What such values look like on the page is asked of all fields at once, above."""
    make_every_row()
    forms = list(written_forms(walk))
    request.getfixturevalue("_unrendered")

    bad_value_in_each_field(walk, ["a\x00b", "1e200000"], forms)

    assert len(forms) > 20
    assert walk.failed == []


@pytest.mark.long
@pytest.mark.parametrize("value", ["a\x00b", "1e200000"])
def test_forms_show_a_bad_value_in_each_field(walk: SuperuserWalk, value: str) -> None:
    make_every_row()

    bad_value_in_each_field(walk, [value], list(written_forms(walk)))

    assert walk.failed == []


@by_turns
def test_our_own_pages_take_every_bad_value(walk: SuperuserWalk, values: Any) -> None:
    make_every_row()
    turns = cycle(values)
    user = User.objects.get(username="walker")
    patterns = our_addresses()
    for name, row in TABLE.items():
        for url in asked(name, row, patterns[name], user):
            fields = [*OF_OUR_PAGES, *row.body]
            walk.get(url, dict.fromkeys(fields, next(turns)))
            walk.post(url, dict.fromkeys(fields, next(turns)))
            for field in OF_OUR_PAGES:
                walk.get(url, {field: next(turns)})

    assert walk.failed == []


def test_rows_are_looked_up_by_anything(walk: SuperuserWalk) -> None:
    address = reverse("admin:autocomplete")
    asked_for = {"app_label": "inventory", "model_name": "sourceitem", "field_name": "source"}
    for value in BAD_VALUES.values():
        for name in (*asked_for, "term", "page"):
            walk.get(address, {**asked_for, name: value})

    assert walk.failed == []


def test_half_of_a_pair_of_surrogates_becomes_replacement_characters() -> None:
    half = "%ED%A0%80"
    form = RequestFactory().post(
        f"/{half}?{half}={half}",
        f"{half}={half}",
        content_type="application/x-www-form-urlencoded",
        HTTP_COOKIE="half=\xed\xa0\x80",
    )
    part = (
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xed\xa0\x80\r\n'
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename*=utf-7'en'+2AA-.csv\r\n"
        b"Content-Type: text/csv\r\n\r\nsku\r\n--x--\r\n"
    )
    parts = RequestFactory().post("/", part, content_type="multipart/form-data; boundary=x")

    stands = "\N{REPLACEMENT CHARACTER}" * 3
    assert (dict(form.GET.lists()), dict(form.POST.lists())) == (
        {stands: [stands]},
        {stands: [stands]},
    )
    assert (form.COOKIES, form.path_info) == ({"half": stands}, "/%ED%A0%80")
    # A file whose name cannot be read is no file.
    assert (dict(parts.POST.lists()), dict(parts.FILES.lists())) == ({"text": [stands]}, {})


def kept(name: str, typed: Any, value: str) -> Any:
    """Leave what only scripts write as it is: how many rows there are, and what was shown."""
    return typed if name == "shown_values" or name.endswith("_FORMS") else value
