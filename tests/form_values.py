"""What a change page shows, as its form carries it: for tests that post such a form."""

import re
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.utils.html import escape

INPUT = re.compile(r'name="shown_values" value="([^"]+)"')


def shown(row: Any) -> dict[str, str]:
    """Return what the change page of ``row`` carries now, for somebody who may do everything."""
    request = RequestFactory().get("/")
    request.user = User(pk=0, username="somebody", is_active=True, is_superuser=True)
    page: Any = admin.site._registry[type(row)].changeform_view(request, str(row.pk))
    return shown_in(str(page.context_data["shown_values"]))


def carried(client: Client, address: str) -> dict[str, str]:
    """Return what the page at ``address`` carries of what it shows; nothing, if it does not."""
    found = INPUT.search(client.get(address).text)
    return {"shown_values": found[1]} if found else {}


def shown_in(page: str) -> dict[str, str]:
    """Return what a page that was answered carries of what it showed."""
    found = INPUT.search(page)
    assert found is not None, "The page does not carry what it shows."
    assert escape(found[1]) == found[1]
    return {"shown_values": found[1]}
