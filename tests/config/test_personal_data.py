"""Personal data: everything held about a person is found, exported, erased."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.conf import settings as project
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.postgres.fields import ArrayField
from django.core.mail import get_connection, send_mail
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pghistory.models import Context
from pytest_django import Settings
from redis import Redis

from config.personal_data.erasure import StillOpenError, erase_person
from config.personal_data.fields import (
    ADDRESSES,
    NOT_PERSONAL,
    OF_ORDERS,
    SEARCHED,
    searched_fields,
)
from config.personal_data.old_customers import erase_old_customers
from config.personal_data.people import find_people, open_orders, orders_of, words_of
from core.callers import Caller
from core.models import IdempotentAnswer, Job, SavedView, SecurityEvent
from core.operations.texts_of_a_person import erase_texts, excerpts, pattern_of
from fulfillment.models import Shipment
from inventory.models import (
    BackInStockRequest,
    ImportFile,
    InventoryConfiguration,
    SourceItem,
)
from orders.models import Order, OrderChange, OrderEmail, Payment, PaymentOperation
from orders.order_links import linked_order, order_token
from orders.tasks import send_emails
from tests.api import Api, api_of_superuser
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inventory.files.imports import checked, written

pytestmark = pytest.mark.django_db

NAME, STREET, PHONE = "Zebedee Quillfeather", "17 Marzipan Crescent", "+44 7700 900461"
EMAIL = "zebedee@quillfeather.example"
FORMER = "99 Former Parade"
# Any of these, anywhere, is a trace of the person.
TRACES = ("quillfeather", "marzipan", "7700 900461", "former parade", "7700%20900461")
TEXTS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.FileField,
    models.GenericIPAddressField,
    models.BinaryField,
    ArrayField,
)
COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1, 2
"""


@pytest.fixture
def api() -> Api:
    east = SourceFactory(code="east")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[east]))
    for sku in ("A", "SOLD-OUT"):
        quantity = Decimal(9 if sku == "A" else 0)
        SourceItemFactory(source=east, product=ProductFactory(sku=sku), quantity=quantity)
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"undo_shipping_days": 1})
    return api_of_superuser()


def order(number: str, **address: str) -> dict[str, Any]:
    home = {
        "recipient": NAME,
        "street": STREET,
        "city": "London",
        "postcode": "SW1A 1AA",
        "country": "GB",
    }
    return {
        "number": number,
        "channel": "web",
        "customer": {"name": NAME, "email": EMAIL},
        "address": home | address,
        "lines": [{"sku": "A", "quantity": "1", "unit_price": "2.00"}],
        "payment": {"gateway": "sandbox"},
    }


def place_everywhere(api: Api) -> None:
    """Have a person named by all ways in: orders, files, notes, changes, requests, views."""
    steps = [
        api.post("orders/", order("W-1", street=FORMER), Idempotency_Key=f"of-{EMAIL}"),
        api.post("orders/W-1/notes/", {"text": f"Call {NAME} at {PHONE}"}),
        api.post(
            "orders/W-1/changes/",
            {"reason": f"{NAME} has moved", "set": {"address": order("")["address"]}},
        ),
        api.post("shipments/W-1-1/notes/", {"text": f"Ring {PHONE}"}),
        api.post("shipments/W-1-1/hold/", {"reason": f"{NAME} asked to wait"}),
        api.post("shipments/W-1-1/lift-hold/", {}),
        api.post("orders/", order("W-2"), Idempotency_Key="second"),
        api.post("orders/W-2/cancel/", {"reason": f"{NAME} does not want it", "all": True}),
        api.post("back-in-stock/", {"email": EMAIL, "sku": "SOLD-OUT", "channel": "web"}),
        api.post(
            "future-supply/",
            {
                "source": "east",
                "sku": "A",
                "quantity": "5",
                "expected_on": None,
                "reference": f"for {NAME}",
            },
        ),
    ]
    assert [str(body)[:400] for status, body in steps if status >= 300] == []
    head = "number,channel,customer_name,customer_email,sku,quantity,"
    head += "recipient,street,city,postcode,country"
    row = f"{NAME},{EMAIL},A,1,{NAME},{STREET},London,SW1A 1AA,GB"
    other = "Grace Other,grace@example.com,A,1,Grace Other,2 Else,Leeds,LS1 1AA,GB"
    written(f"{head}\nF-1,web,{row}\nF-2,web,{other}\n", format_code="ORDERS", name=f"{NAME}.csv")
    checked(f"{head}\n{NAME},web,{EMAIL},x\n", format_code="ORDERS")
    user = User.objects.get(username__startswith="root")
    SavedView.objects.create(
        owner=user, list_name="orders", name=f"of {NAME}", querystring="q=Zebedee+Quillfeather"
    )


def end_orders(api: Api) -> None:
    """Cancel all that is open; of the order that a file brought nothing was ever paid."""
    status, body = api.post("orders/W-1/cancel/", {"reason": NAME, "all": True})
    assert status < 300, body
    Payment.objects.filter(order__number="F-1").update(state="DECLINED")
    PaymentOperation.objects.filter(payment__order__number="F-1").update(
        state="DECLINED", review_since=None
    )
    Order.objects.filter(number="F-1").update(status="CANCELED")


def traces_in_database() -> list[str]:
    found = []
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column in cursor.fetchall():
            for trace in TRACES:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE %s',  # noqa: S608
                    [f"%{trace}%"],
                )
                if cursor.fetchone() != (0,):
                    found.append(f"{table}.{column}")
    return sorted(set(found))


def named(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((label, name) for label, names in table.items() for name in names.split())


def test_each_text_of_the_database_is_declared_once() -> None:
    declared = [
        *((label, name) for label, (_path, values) in OF_ORDERS.items() for name in values),
        *ADDRESSES.items(),
        *named(dict(SEARCHED)),
        *(entry for fields in NOT_PERSONAL.values() for entry in named(dict(fields))),
    ]
    there = {
        (model._meta.label, field.name)
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy and model._meta.managed
        for field in model._meta.local_fields
        if isinstance(field, TEXTS) and not field.choices
        if field.name != "pgh_label"
    }
    numbers = {("orders.Order", "latitude"), ("orders.Order", "longitude")}

    assert sorted(there - set(declared)) == []
    assert sorted(set(declared) - there - numbers) == []
    assert sorted(entry for entry in declared if declared.count(entry) > 1) == []


def test_words_are_erased_from_declared_columns_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, column_name FROM core_erasable_column")
        listed = set(cursor.fetchall())

    assert listed == {(field.model._meta.db_table, field.column) for field in searched_fields()}
    for table, column in (("orders_order", "number"), ("inventory_product", "name")):
        refusal = pytest.raises(DatabaseError, match=f"Nothing is erased from {table}.{column}")
        with refusal, transaction.atomic():
            erase_texts(table, column, "Zebedee")
    assert erase_texts("orders_order", "idempotency_key", "Zebedee") == 0


def test_two_people_whose_names_are_keys_are_both_erased(api: Api) -> None:
    people = ("ada@one.example", "bea@two.example")
    for number, email in enumerate(people):
        body = order(f"W-{number}") | {"customer": {"name": "Ann Lee", "email": email}}
        assert api.post("orders/", body, Idempotency_Key=email)[0] == 201
        api.post(f"orders/W-{number}/cancel/", {"reason": "x", "all": True})
    Payment.objects.update(state="VOIDED")
    PaymentOperation.objects.update(state="SUCCEEDED", review_since=None)

    for email in people:
        erase_person(Caller(timezone.now()), email)

    for row in (Order, IdempotentAnswer):
        column = "idempotency_key" if row is Order else "key"
        keys = set(row.objects.exclude(**{column: None}).values_list(column, flat=True))
        assert not keys & {"", *people}
        assert len(keys) >= 2


def test_words_of_documents_are_erased_in_their_texts_alone() -> None:
    document: dict[str, Any] = {
        "null": None,
        "a": [1234, True, "Null", {"b": 'say "null", 1234', "Zebedee": "x"}],
        "other": "nullable",
        "none": [],
        "empty": {},
    }
    row = Context.objects.create(id=uuid4(), metadata=document)

    erase_texts("pghistory_context", "metadata", pattern_of(["Null", "true", "1234", "Zebedee"]))

    row.refresh_from_db()
    assert row.metadata == {
        "…": None,
        "a": [1234, True, "…", {"b": 'say "…", …', "…": "x"}],
        "other": "nullable",
        "none": [],
        "empty": {},
    }


def test_an_erased_person_is_nowhere(
    api: Api, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_FILE_PATH = tmp_path
    settings.EMAIL_CONNECTIONS = 1
    caplog.set_level(logging.DEBUG)
    place_everywhere(api)
    OrderEmail.objects.update(next_attempt_at=timezone.now() - timedelta(hours=1))
    send_emails()
    to_files = get_connection("django.core.mail.backends.filebased.EmailBackend")
    send_mail(f"Hello {NAME}", STREET, None, [EMAIL], connection=to_files)
    token = order_token(Order.objects.get(number="W-1").pk, email=EMAIL, now=timezone.now())
    assert linked_order(token, now=timezone.now()) is not None
    money = list(Order.objects.order_by("pk").values_list("number", "total", "country"))
    with pytest.raises(StillOpenError) as refused:
        erase_person(Caller(timezone.now()), EMAIL, [PHONE])
    assert sorted((order.number, why) for order, why in refused.value.orders) == [
        ("F-1", "units"),
        ("W-1", "units"),
    ]
    end_orders(api)
    before = traces_in_database()
    assert len(before) > 20, before
    assert any(tmp_path.iterdir())

    erase_person(Caller(timezone.now()), EMAIL.upper(), [PHONE])

    var = [file for file in Path(project.VAR_DIR).rglob("*") if file.is_file()]
    broker: Any = Redis.from_url(project.REDIS_URL)
    left = {
        "database": traces_in_database(),
        "mail": [file for file in tmp_path.iterdir() if has_trace(file.read_bytes())],
        "files": [file for file in var if has_trace(file.read_bytes())],
        "logs": [line for line in caplog.messages if has_trace(line.encode())],
        "broker": [key for key in broker.keys("*") if has_trace(key + (broker.dump(key) or b""))],
    }
    assert not any(left.values()), left
    assert linked_order(token, now=timezone.now()) is None
    assert list(Order.objects.order_by("pk").values_list("number", "total", "country")) == money
    assert not BackInStockRequest.objects.exists()
    assert Order.objects.get(number="F-2").customer_name == "Grace Other"
    assert "Grace Other" in str(list(apps.get_model("inventory.ImportFile").objects.values("text")))


def has_trace(content: bytes) -> bool:
    return any(trace.encode() in content.lower() for trace in TRACES)


def test_people_are_found_by_each_thing_that_is_known_of_them(api: Api) -> None:
    place_everywhere(api)

    for sought in (EMAIL, "quillfeather", "w-1", PHONE, EMAIL.upper()):
        assert [(one.email, one.name, one.order_count) for one in find_people(sought)] == [
            (EMAIL, NAME, 3)
        ], sought
    assert find_people("nobody at all") == []


def test_the_copy_has_what_is_about_the_person_and_no_other(api: Api, admin_client: Client) -> None:
    place_everywhere(api)
    page = reverse("admin:personal_data")

    answer = admin_client.post(page, {"email": EMAIL, "further": PHONE, "step": "export"})

    with ZipFile(BytesIO(answer.content)) as packed:
        text = packed.read("personal-data.json").decode()
    document = json.loads(text)
    assert {row["number"] for row in document["rows"]["orders.Order"]} == {"W-1", "W-2", "F-1"}
    assert {FORMER, PHONE, EMAIL} <= {one for one in (FORMER, PHONE, EMAIL) if one in text}
    assert "Grace" not in text
    fields = {(entry["model"], entry["field"]) for entry in document["texts"]}
    assert ("core.IdempotentAnswer", "body") in fields
    assert ("inventory.ImportFile", "text") in fields
    event = SecurityEvent.objects.get(kind="EXPORTED")
    assert (str(event.actor), event.name) == ("admin", "W-1, W-2, F-1")


def test_of_a_document_about_several_the_copy_has_the_parts_about_the_person(
    api: Api, admin_client: Client
) -> None:
    api.post("orders/", order("W-1"))
    grace = {"value": "2 Else Lane", "said": "Grace Other lives at 2 Else Lane"}
    zebedee = {"value": STREET, "said": f"{NAME} lives at {STREET}", PHONE: 447700900461}
    user = User.objects.get(username__startswith="root")
    now = timezone.now()
    two = {"format": "ORDERS", "name": "two.csv", "uploaded_at": now}
    ImportFile.objects.create(**two, findings=[grace, zebedee])
    Job.objects.create(kind="x", parameters={"rows": [grace, zebedee]}, created_at=now)
    LogEntry.objects.create(
        user=user, action_flag=2, change_message=json.dumps([grace, {"changed": {"name": NAME}}])
    )

    further = f"{PHONE}\n447700900461"
    asked = {"email": EMAIL, "further": further, "step": "export"}
    answer = admin_client.post(reverse("admin:personal_data"), asked)

    with ZipFile(BytesIO(answer.content)) as packed:
        document = json.loads(packed.read("personal-data.json"))
    found = {(entry["model"], entry["field"]): entry["lines"] for entry in document["texts"]}
    parts = sorted([STREET, f"{NAME} lives at {STREET}", PHONE, "447700900461"])
    assert sorted(found["inventory.ImportFile", "findings"]) == parts
    assert sorted(found["core.Job", "parameters"]) == parts
    assert found["admin.LogEntry", "change_message"] == [NAME]
    assert "Else" not in str(document)


def queries_of(call: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        call()
    return [query["sql"] for query in queries]


def test_more_orders_and_people_take_no_more_queries(api: Api) -> None:
    place_everywhere(api)
    end_orders(api)
    Order.objects.filter(number="W-2").update(customer_email=f"{EMAIL}.au")
    orders, now = list(Order.objects.all()), timezone.now()
    Shipment.objects.update(state="FULFILLED", fulfilled_at=now)
    InventoryConfiguration.load()

    for_one = len(queries_of(lambda: open_orders(orders[:1], now=now)))
    assert len(queries_of(lambda: open_orders(orders, now=now))) == for_one
    assert [(one.email, one.order_count) for one in find_people("quillfeather")] == [
        (EMAIL, 2),
        (f"{EMAIL}.au", 1),
    ]
    for_one = len(queries_of(lambda: find_people("F-1")))
    assert len(queries_of(lambda: find_people("quillfeather"))) == for_one


@pytest.mark.parametrize(
    ("model", "values", "reason"),
    [
        (Order, {"status": "PROCESSING"}, "units"),
        (PaymentOperation, {"state": "UNKNOWN"}, "payment"),
        (Payment, {"state": "UNKNOWN"}, "payment"),
        (OrderChange, {"state": "PENDING", "decided_at": None}, "change"),
        (Shipment, {"state": "FULFILLED", "fulfilled_at": timezone.now()}, "undo"),
    ],
)
def test_what_is_open_is_told_of_its_order_alone(
    api: Api, model: type[models.Model], values: dict[str, Any], reason: str
) -> None:
    place_everywhere(api)
    end_orders(api)
    orders, now = list(orders_of(EMAIL)), timezone.now()
    assert open_orders(orders, now=now) == []
    path = {Order: "pk", PaymentOperation: "payment__order"}.get(model, "order")
    found: Any = model._default_manager.filter(**{path: orders[0].pk})

    if model is OrderChange:
        values = {**values, "payment": Payment.objects.filter(order=orders[0]).first()}

    assert found.update(**values) > 0

    assert open_orders(orders_of(EMAIL), now=now) == [(orders[0], reason)]


def test_the_copy_counts_nothing_and_looks_the_orders_up_once(
    api: Api, admin_client: Client
) -> None:
    api.post("orders/", order("W-1"))
    asked = {"email": EMAIL, "step": "export"}
    page = reverse("admin:personal_data")

    asked_for = queries_of(lambda: admin_client.post(page, asked))

    assert [sql for sql in asked_for if sql.startswith("SELECT count(*)")] == []
    assert len([sql for sql in asked_for if sql.startswith('SELECT "orders_order"."id"')]) == 2


def test_the_page_erases_once_that_is_confirmed(api: Api, admin_client: Client) -> None:
    place_everywhere(api)
    page = reverse("admin:personal_data")
    asked = {"email": EMAIL, "further": PHONE, "step": "erase"}
    open_page = admin_client.post(page, {"email": EMAIL}).content.decode()
    assert "<strong>W-1</strong> It is not complete, canceled or closed." in open_page
    end_orders(api)

    unconfirmed = admin_client.post(page, asked).content.decode()
    assert "Confirm that the data are to be erased." in unconfirmed
    assert Order.objects.filter(customer_email=EMAIL).count() == 3
    answer = admin_client.post(page, {**asked, "confirmed": "yes"}, follow=True)

    assert "Erased the person from" in answer.content.decode()
    assert not Order.objects.filter(customer_email=EMAIL).exists()
    kinds = list(SecurityEvent.objects.filter(actor__username="admin").values_list("kind", "name"))
    assert ("ERASED", "W-1, W-2, F-1") in kinds
    assert ("LOOKED_UP", "W-1, W-2, F-1") in kinds


def test_short_words_and_people_without_the_permission_are_refused(admin_client: Client) -> None:
    page = reverse("admin:personal_data")
    for short in ("abc", "----", "a.b.c", "Marzipan\n(12)"):
        refused = admin_client.post(page, {"email": EMAIL, "further": short}).content.decode()
        assert "Each line needs at least 4 letters or digits." in refused, short
    taken = admin_client.post(page, {"email": EMAIL, "further": "ab-cd"}).content.decode()
    assert "Each line needs" not in taken
    person = User.objects.create_user("staff", is_staff=True)
    client = Client()
    client.force_login(person)
    assert client.get(page).status_code == 403

    person.user_permissions.add(Permission.objects.get(codename="manage_personaldata"))

    assert client.get(page).status_code == 200


def test_words_are_found_whole_and_as_addresses_write_them() -> None:
    pattern = pattern_of(["Ann Lee", "abc"])

    found = list(excerpts("Annie Lee\nann lee!\nJoann Lee\nq=Ann+Lee\nq=Ann%20Lee&x\nabc", pattern))

    assert found == ["ann lee!", "q=Ann+Lee", "q=Ann%20Lee&x"]
    assert pattern_of(["abc", " ", "----", "a b c"]) == ""


def test_a_name_of_one_word_is_not_looked_for_in_texts_of_others(api: Api) -> None:
    customer = {"name": "Customer", "email": EMAIL}
    assert api.post("orders/", order("W-1", recipient="Guest") | {"customer": customer})[0] == 201

    words = words_of([EMAIL], orders_of(EMAIL), ["Zebedee"])

    assert words == {EMAIL, STREET, "Zebedee"}


def test_a_former_address_of_an_order_is_found_and_erased(api: Api) -> None:
    assert api.post("orders/", order("W-1"))[0] == 201
    former = "former@quillfeather.example"
    OrderEmail.objects.update(recipient=former, subject="Hello", body=f"Dear {NAME}")

    assert [(one.email, one.order_count) for one in find_people(former.upper())] == [(former, 0)]
    erase_person(Caller(timezone.now()), former)

    email = OrderEmail.objects.get()
    assert (email.subject, email.body, email.state) == ("", "", "LEFT_OUT")
    assert email.recipient == f"erased-{email.order_id}@erased.invalid"
    placed = Order.objects.get()
    assert (placed.customer_email, placed.customer_name) == (EMAIL, NAME)


def test_customers_are_erased_after_days_without_news(api: Api) -> None:
    place_everywhere(api)
    end_orders(api)
    body = order("OPEN", recipient="Grace Other", street="2 Else") | {
        "customer": {"name": "Grace Other", "email": "open@example.com"}
    }
    assert api.post("orders/", body)[0] == 201
    now, year = timezone.now(), timedelta(days=365)
    Order.objects.update(placed_at=now - 2 * year)

    # Nobody is erased without the setting, nor while something happened since.
    assert erase_old_customers(now=now + 2 * year, days=0) == 0
    assert erase_old_customers(now=now + year / 2, days=365) == 0
    assert Order.objects.filter(customer_email=EMAIL).count() == 3

    assert erase_old_customers(now=now + 2 * year, days=365) == 1

    assert traces_in_database() == []
    kept = set(Order.objects.values_list("customer_email", flat=True)) - {
        f"erased-{pk}@erased.invalid" for pk in Order.objects.values_list("pk", flat=True)
    }
    assert kept == {"open@example.com", "grace@example.com"}
    events = SecurityEvent.objects.filter(kind="ERASED", name__contains="W-1")
    assert [event.name for event in events] == ["W-1, W-2, F-1"]
    assert erase_old_customers(now=now + 2 * year, days=365) == 0


def test_kept_answers_are_searched(api: Api) -> None:
    api.post("orders/", order("W-1"), Idempotency_Key="one")

    assert NAME in str(IdempotentAnswer.objects.get().body)
    assert SourceItem.objects.exists()
