"""A user turns the e-mails that come again off and on: on a page, by a link, by one click."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

from core.models import StaffDigest, Unsubscription
from core.operations.digest_readers import digest_readers
from fulfillment.models import DemandDigest
from fulfillment.tasks import queue_digests_of_demand, send_demand_digests
from inventory.models import LowStockDigest, Source
from inventory.tasks import queue_low_stock_digests, send_low_stock_digests
from tests.factories.inventory import SourceItemFactory
from tests.fulfillment.demand_world import make_world
from tests.inbox import text_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/e-mails/"
SITE = "https://shop.example"
WEEKLY, DAILY = "fulfillment.demanddigest", "inventory.lowstockdigest"
NOW = datetime(2026, 6, 15, 7, tzinfo=UTC)


@pytest.fixture
def anna() -> User:
    return reader("anna")


def reader(name: str, *, role: str = "Merchant", email: str = "") -> User:
    user = User.objects.create_user(name, email or f"{name}@example.com", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def readers(digest: type[StaffDigest]) -> set[str]:
    return {user.username for user in digest_readers(digest)}


def test_a_user_turns_own_e_mails_off_and_on(anna: User) -> None:
    reader("bo")
    client = logged_in(anna)

    page = client.get(PAGE)
    assert (page.text.count('name="wanted"'), page.text.count(" checked")) == (2, 2)
    assert "Selected e-mails are sent to anna@example.com." in page.text

    saved = client.post(PAGE, {"wanted": DAILY}, follow=True)

    assert "Saved which e-mails" in saved.text
    assert saved.text.count(" checked") == 1
    assert readers(DemandDigest) == {"bo"}
    assert readers(LowStockDigest) == {"anna", "bo"}

    client.post(PAGE, {"wanted": [DAILY, WEEKLY]})

    assert readers(DemandDigest) == {"anna", "bo"}
    assert not Unsubscription.objects.exists()


def test_what_no_role_includes_is_not_offered_and_stays_as_it_is(anna: User) -> None:
    logged_in(anna).post(PAGE)
    anna.groups.set([Group.objects.get(name="Viewer")])
    client = logged_in(anna)

    page = client.get(PAGE)
    client.post(PAGE, {"wanted": [WEEKLY, "auth.user"]})

    assert "None of your roles includes e-mails that you can turn on or off." in page.text
    assert set(Unsubscription.objects.values_list("digest", flat=True)) == {WEEKLY, DAILY}


def test_a_user_without_an_address_is_told_so() -> None:
    user = reader("anna")
    User.objects.update(email="")

    assert "your user has no e-mail address" in logged_in(user).get(PAGE).text


@pytest.mark.parametrize(
    ("digest", "write", "send"),
    [
        (DemandDigest, queue_digests_of_demand, send_demand_digests),
        (LowStockDigest, queue_low_stock_digests, send_low_stock_digests),
    ],
)
def test_a_link_and_one_click_in_the_e_mail_end_it(
    settings: Settings,
    inbox: list[Any],
    anna: User,
    digest: type[StaffDigest],
    write: Any,
    send: Any,
) -> None:
    settings.EMAIL_CONNECTIONS, settings.SITE_URL = 1, SITE
    make_world()
    SourceItemFactory(quantity=0)
    reader("bo")
    write()
    send()

    message = next(one for one in inbox if one["To"] == "anna@example.com")
    row = digest._default_manager.get(recipient="anna@example.com")
    link = row.address(row.UNSUBSCRIBE)
    assert "".join(message["List-Unsubscribe"].split()) == f"<{link}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"Or unsubscribe by this link: {link}\n" in text_of(message)
    # What staff see of it opens nothing.
    assert link not in row.body
    assert "/unsubscribe/link/" in row.body

    # A scanner opens the link, and nothing is changed.
    client = Client(enforce_csrf_checks=True)
    path = link.removeprefix(SITE)
    assert str(digest.ABOUT) in client.get(path).text
    assert client.head(path).status_code == 200
    assert readers(digest) == {"anna", "bo"}

    one_click = {"List-Unsubscribe": "One-Click"}
    for _time in range(2):
        assert "You are unsubscribed." in client.post(path, one_click).text
    assert readers(digest) == {"bo"}
    assert Unsubscription.objects.count() == 1


def test_a_changed_link_ends_nothing(settings: Settings, anna: User) -> None:
    settings.SITE_URL = SITE
    weekly, daily = (
        digest.objects.create(day=NOW.date(), recipient=anna.email, next_attempt_at=NOW)
        for digest in (DemandDigest, LowStockDigest)
    )
    other = weekly.token(weekly.UNSUBSCRIBE)

    for path in (f"/low-stock/unsubscribe/{other}/", "/demand/unsubscribe/1.x/"):
        assert Client().post(path).status_code == 404

    assert daily.pk
    assert not Unsubscription.objects.exists()


def test_without_an_address_of_the_site_the_e_mail_names_the_page(
    settings: Settings, inbox: list[Any], anna: User
) -> None:
    settings.EMAIL_CONNECTIONS, settings.SITE_URL = 1, ""
    make_world()
    queue_digests_of_demand()
    send_demand_digests()

    [message] = inbox
    assert "select “Your e-mails” in your menu" in text_of(message)
    assert "unsubscribe by this link" not in text_of(message)
    assert message["List-Unsubscribe"] is None


def test_the_contact_of_a_source_has_nothing_to_unsubscribe_from(settings: Settings) -> None:
    settings.SITE_URL = SITE
    SourceItemFactory(source__email="lund@example.com", quantity=0)
    queue_low_stock_digests()

    digest = LowStockDigest.objects.get()
    assert digest.source == Source.objects.get(email="lund@example.com")
    assert "List-Unsubscribe" not in digest.headers()
    assert "unsubscribe" not in digest.body
    assert "Your e-mails" not in digest.body
