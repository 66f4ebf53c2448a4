"""Two people add the same in the same moment: one gets a sentence at the field, nobody a 500."""

import time
from threading import Thread
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule

from core.models import ApiKey
from fulfillment.models import Carrier, ScheduledWork, WaitingRule
from inventory.models import Product, SalesChannel, Source, Stock
from orders.models import Order
from tests.opened_form import opened_form

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery"  # noqa: S105
TAKEN: dict[Any, tuple[dict[str, Any], dict[str, Any], str]] = {
    Product: ({"sku": "SAME", "name": "Lamp"}, {}, "sku"),
    Source: (
        {"code": "SAME", "name": "Leeds"},
        {"country": "GB", "postcode": "LS1 4AP", "work_days": "MON"},
        "code",
    ),
    Stock: ({"code": "SAME", "name": "Shop"}, {}, "code"),
    SalesChannel: ({"code": "SAME", "name": "Web"}, {}, "code"),
    User: (
        {"username": "SAME"},
        {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"},
        "username",
    ),
    Group: ({"name": "SAME"}, {}, "name"),
    WaitingRule: ({"name": "SAME", "action": "HOLD", "age_days_min": 30}, {}, "name"),
    Carrier: ({"code": "SAME", "name": "Our van"}, {}, "code"),
    ScheduledWork: ({"name": "SAME", "task": "orders.send_emails"}, {}, "name"),
}


def is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        # What a transaction has seen of the sessions it sees again, unless it is told to look.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


def answer_beside(person: User, model: Any, posted: Any, created: Any) -> Any:
    """Return the answer to a new row that is posted while another is made, and committed."""
    client = Client()
    client.force_login(person)
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
    form = opened_form(client.get(url).text)
    answers: list[Any] = []

    def post() -> None:
        answers.append(client.post(url, {**form, **posted}))
        connection.close()

    thread = Thread(target=post)
    with transaction.atomic():
        model.objects.create(**created)
        thread.start()
        deadline = time.monotonic() + 120
        while not is_somebody_waiting() and thread.is_alive() and time.monotonic() < deadline:
            thread.join(0.05)
    thread.join()
    [answer] = answers
    return answer


@pytest.mark.parametrize("model", TAKEN, ids=lambda model: model._meta.model_name)
def test_a_key_that_another_takes_meanwhile_is_said_at_its_field(
    admin_user: User, model: Any
) -> None:
    values, typed_alone, name = TAKEN[model]
    # A transactional test leaves an empty database behind, without what migrations made.
    stock, _is_new = Stock.objects.get_or_create(code="default", defaults={"name": "Default"})
    Source.objects.get_or_create(code="default", defaults={"name": "Default"})
    quarter, _is_new = IntervalSchedule.objects.get_or_create(every=15, period="minutes")
    needed: dict[Any, dict[str, Any]] = {
        SalesChannel: {"stock": stock},
        ScheduledWork: {"interval": quarter},
    }
    own = needed.get(model, {})

    answer = answer_beside(admin_user, model, {**values, **typed_alone}, {**values, **own})

    assert answer.status_code == 200
    assert " already" in str(answer.context["adminform"].form.errors[name])
    assert model.objects.filter(**{name: "SAME"}).count() == 1


def test_a_barcode_that_another_takes_meanwhile_in_another_form_is_said_at_its_field(
    admin_user: User,
) -> None:
    Stock.objects.get_or_create(code="default", defaults={"name": "Default"})
    Source.objects.get_or_create(code="default", defaults={"name": "Default"})
    posted = {"sku": "A", "name": "Lamp", "barcode": "036000291452"}
    created = {"sku": "B", "name": "Light", "barcode": "0036000291452"}

    answer = answer_beside(admin_user, Product, posted, created)

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["barcode"] == [
        "Another product has this barcode. Zeros before a code do not count."
    ]
    assert Product.objects.count() == 1


def test_every_page_that_adds_a_key_is_among_them(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = User(is_superuser=True, is_active=True)
    with_keys = {
        model
        for model, page in admin.site._registry.items()
        if page.has_add_permission(request)
        and any(field.unique and not field.primary_key for field in model._meta.fields)
    }

    # A digest is drawn, a number is counted.
    assert with_keys - set(TAKEN) == {ApiKey, Order}
