"""Columns of numbers stand to the right in every list; a column says whether it has numbers."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from tests.lints.translations import ROOT
from tests.test_admin_smoke import PROJECT_MODELS, make_rows

pytestmark = pytest.mark.django_db

# A quantity, a count or an amount, as core.formats writes them.
NUMBER = re.compile(r"[+-]?\d{1,3}(,\d{3})*(\.\d+)?( [A-Z]{3})?\Z")
# The others have a page in place of a form.
FORMS = [
    model for model in PROJECT_MODELS if not hasattr(admin.site._registry[model], "record_page")
]
# These have numbers for names.
NAMES = {"fulfillment.ReleaseRun": {"__str__"}}
# A number as the database has it, in a text: with all the zeros of its column.
RAW = re.compile(r">\s*-?\d+\.\d{2}0{1,2}\s*<")
# A cell of a table of ours with nothing but a number in it.
BARE = re.compile(
    r"<td(?![^>]*is-(?:number|value|figure))[^>]*>\{\{[^{}]*\|(?:quantity|money|whole|units|signed)\b"
)


class Cells(HTMLParser):
    """The texts of the cells of the list, by the name of their column."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, str]] = []
        self.right_columns = ""
        self.name: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        classes = values.get("class", "").split()
        if tag == "div" and any(name.startswith("numbers-") for name in classes):
            self.right_columns = values["class"]
        if tag == "tr" and "data-row" in classes:
            self.rows.append({})
        if tag in ("td", "th") and self.rows:
            named = [name for name in classes if name.startswith(("field-", "action-checkbox"))]
            self.name = named[0].removeprefix("field-") if named else None
            if self.name is not None:
                self.rows[-1][self.name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.name = None

    def handle_data(self, data: str) -> None:
        if self.name is not None:
            row = self.rows[-1]
            row[self.name] = f"{row.get(self.name, '')} {data}".strip()


@pytest.mark.parametrize("model", PROJECT_MODELS, ids=lambda model: model._meta.label)
def test_numbers_of_a_list_stand_to_the_right(model: type[Model], admin_client: Client) -> None:
    make_rows(1)
    label = model._meta.label_lower.replace(".", "_")
    page = Cells()
    page.feed(admin_client.get(reverse(f"admin:{label}_changelist")).text)
    names = NAMES.get(model._meta.label, set())
    columns = list(page.rows[0]) if page.rows else []
    marks = [name for name in page.right_columns.split() if name.startswith("numbers-")]
    right = {columns[int(name.removeprefix("numbers-")) - 1] for name in marks}

    with_numbers = {
        name
        for row in page.rows
        for name, text in row.items()
        if NUMBER.match(text) and name not in names
    }

    assert with_numbers - right == set()
    assert not right & {"__str__", "name", "action-checkbox"}


@pytest.mark.parametrize("model", FORMS, ids=lambda model: model._meta.label)
def test_numbers_to_be_read_are_as_people_write_them(model: type[Model], client: Client) -> None:
    """Nobody is shown 40.0000, or 12.500 where 12.50 is an amount."""
    make_rows(1)
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(viewer)
    name = f"admin:{model._meta.label_lower.replace('.', '_')}_change"
    key = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()

    answer = client.get(reverse(name, args=[key]))

    assert answer.status_code == 200
    assert RAW.findall(re.sub(r"<(?:script|svg)\b.*?</", "", answer.text, flags=re.DOTALL)) == []


def test_tables_of_ours_mark_their_cells_of_numbers() -> None:
    assert BARE.search("<td>{{ line.quantity|quantity }}</td>")
    assert not BARE.search('<td class="is-number">{{ line.quantity|quantity }}</td>')
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "templates").rglob("*.html")
        if BARE.search(path.read_text())
    ]

    assert found == []
