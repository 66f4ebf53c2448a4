"""What browsers are told beside each page: what it may load, and whether it is kept."""

import re
from pathlib import Path

import pytest
from django.conf import settings as settings_of_site
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from config.log_in.devices import COOKIE
from config.message_cookie import MessageCookie

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
LINK = "/order/1.1.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"
# A page of staff, the log-in, a program's answer, a customer's page, what is not there.
KINDS = ["/admin/inventory/product/", "/admin/login/", "/api/v1/orders/", LINK, "/nowhere/"]
STAFF = ["/admin/", "/admin/inventory/product/", "/admin/orders/order/", "/admin/auth/user/",
         "/admin/sessions/", "/admin/search/?q=a"]  # fmt: skip


@pytest.fixture
def staff(settings: Settings, admin_user: User) -> Client:
    """Return who is logged in, at a site that is served over TLS."""
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.mark.parametrize("path", KINDS)
def test_every_kind_of_answer_says_what_a_browser_may_do_with_it(staff: Client, path: str) -> None:
    answer = staff.get(path, secure=True)

    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";")
    )
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/admin/inventory/product/", "text/html; charset=utf-8"),
        (LINK, "text/html; charset=utf-8"),
        ("/api/v1/orders/", "application/problem+json"),
    ],
)
def test_every_kind_of_answer_says_what_it_is(staff: Client, path: str, kind: str) -> None:
    assert staff.get(path)["Content-Type"] == kind


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
@pytest.mark.parametrize("path", KINDS)
def test_no_request_is_sent_back_or_handed_on(staff: Client, path: str, method: str) -> None:
    answer = staff.generic(method, path, "secret of a header", secure=True)

    assert (answer.status_code, answer.content) == (405, b"")


@pytest.mark.parametrize("path", STAFF)
def test_pages_of_staff_are_kept_nowhere(staff: Client, path: str) -> None:
    kept = staff.get(path)["Cache-Control"]

    assert {"no-store", "private"} <= {each.strip() for each in kept.split(",")}


def test_cookies_are_for_this_site_alone(staff: Client, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    User.objects.create_superuser("anna", password="correct horse battery")  # noqa: S106
    client = Client()
    client.get("/admin/login/", secure=True)
    client.post(
        "/admin/login/", {"username": "anna", "password": "correct horse battery"}, secure=True
    )

    cookies = client.cookies
    assert {"sessionid", "csrftoken", "known_device"} <= set(cookies)
    for name in ("sessionid", "csrftoken", "known_device"):
        assert (name, cookies[name]["samesite"]) == (name, "Lax")
        assert (name, cookies[name]["secure"]) == (name, True)
        # What the names of production promise to browsers.
        assert (name, cookies[name]["domain"], cookies[name]["path"]) == (name, "", "/")
    assert cookies["sessionid"]["httponly"]
    assert cookies["known_device"]["httponly"]


def test_every_cookie_has_the_prefix_of_production() -> None:
    others = {MessageCookie.cookie_name: "messages", COOKIE: "known_device"}

    assert settings_of_site.COOKIE_PREFIX == ""
    assert all(name == f"{settings_of_site.COOKIE_PREFIX}{own}" for name, own in others.items())
    assert settings_of_site.MESSAGE_STORAGE == "config.message_cookie.MessageStorage"
    setting = re.compile(r"set_cookie\(\s*([\w\"']+)")
    named = {
        (str(path.relative_to(ROOT)), name)
        for app in ("config", "core", "fulfillment", "inventory", "orders")
        for path in (ROOT / app).rglob("*.py")
        for name in setting.findall(path.read_text())
    }
    assert named == {("config/log_in/devices.py", "COOKIE")}


def test_no_folder_of_files_is_listed(staff: Client) -> None:
    assert [staff.get(path).status_code for path in ("/static/", "/static/config/")] == [404, 404]


def test_what_a_browser_keeps_is_of_two_scripts() -> None:
    """Neither what was scanned and not yet sent, nor an open menu, is about a person."""
    keeping = {
        name
        for name, text in own_scripts().items()
        if re.search(r"localStorage|sessionStorage|indexedDB", text)
    }

    assert keeping == {"alpine_components.js", "pick_list.js"}


def own_scripts() -> dict[str, str]:
    """Return the scripts of ours, by name."""
    return {
        script.name: script.read_text()
        for script in ROOT.glob("[a-z]*/static/**/*.js")
        if script.parts[len(ROOT.parts) + 2] != "unfold"
    }


def lines_with(pattern: str) -> set[tuple[str, str]]:
    return {
        (name, line.strip())
        for name, text in own_scripts().items()
        for line in text.splitlines()
        if re.search(pattern, line)
    }


def test_scripts_put_nothing_in_a_page_as_html_but_what_the_server_made_as_html() -> None:
    sinks = (
        r"(inner|outer)HTML|insertAdjacentHTML|document\.write|srcdoc|DOMParser|\beval\("
        r"|new Function|createContextualFragment|setHTML|javascript:"
    )

    assert len(own_scripts()) >= 15
    # Answers of pages, made by templates, and an empty row of the page itself.
    assert lines_with(sinks) == {
        ("search.js", "list.innerHTML = words;"),
        ("review.js", "panel.innerHTML = await answer.text();"),
        ("preview.js", "shown.innerHTML = salable;"),
        ("phone_order.js", 'const made = form.querySelector("[data-empty-row]").innerHTML;'),
        (
            "phone_order.js",
            'rows.insertAdjacentHTML("beforeend", made.replaceAll("__prefix__", count.value));',
        ),
    }


def test_scripts_write_no_member_whose_name_they_were_sent() -> None:
    merging = (
        r"__proto__|Object\.(assign|defineProperty|fromEntries|setPrototypeOf)|structuredClone"
    )

    assert lines_with(merging) == set()
    assert lines_with(r"\w\[(?!\d|[\"'][^\"']*[\"']\])[^\]]*\]\s*=[^=>]") == set()
