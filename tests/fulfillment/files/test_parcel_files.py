"""Tracking numbers as files: looked at first, then written all together or not at all."""

from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from core.acts import Act
from fulfillment.models import Carrier, Parcel, Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.parcels import add_parcel, change_parcel
from fulfillment.operations.moves.undo_fulfillment import undo_fulfillment
from fulfillment.operations.shipments.parcel_facts import ParcelFacts
from inventory.files import background
from inventory.files.file_formats import export_lines
from inventory.files.imports import write
from inventory.models import ImportFile, InventoryConfiguration
from orders.notices.send import send_queued
from tests.beside import beside
from tests.fulfillment.operations.test_bulk_fulfillment import placed, shop
from tests.inventory.files.imports import (
    NOW,
    TODAY,
    cells_of,
    checked,
    confirmed,
    counts,
    findings,
    quiet,
    sentences,
    steps,
)
from tests.inventory.files.imports import written as written_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sends_at_once")]
ACT = Act(NOW)
HEADER = "shipment,carrier,tracking"
UPS = ParcelFacts("ups", "1Z999", Decimal("1.5"))


def gone(number: str, *parcels: ParcelFacts) -> Shipment:
    return fulfill(placed(number).pk, ACT, parcels=parcels)


def looked_at(*rows: str, header: str = HEADER, behavior: str = "APPEND") -> ImportFile:
    return checked(
        "\n".join([header, *rows]), format_code="PARCELS", name="tracking.csv", behavior=behavior
    )


def parcels() -> list[tuple[str, str]]:
    every = Parcel.objects.select_related("shipment", "carrier").order_by("shipment__number", "pk")
    return [(one.shipment.number, str(one)) for one in every]


def said(inbox: list[Any]) -> list[str]:
    """Send what is queued; return the subjects of what was sent of tracking."""
    inbox.clear()
    send_queued(now=NOW + timedelta(minutes=1))
    return sorted(str(mail["Subject"]) for mail in inbox if "Follow" in str(mail["Subject"]))


def test_a_file_adds_numbers_and_their_customers_are_told_of_the_first(inbox: list[Any]) -> None:
    shop()
    gone("1001")
    gone("1002", UPS)
    said(inbox)

    file = looked_at("1001-1,ups,1Z 111", "1001-1,UPS,1Z222", "1002-1,dhl,JD-7")

    assert (file.state, counts(file)) == ("CHECKED", (3, 0, 0, 0, 0, 0))
    assert [(step.line, step.name, step.kind, cells_of(step)) for step in steps(file)] == [
        (2, "1001-1", "NEW", [("carrier", "", "UPS"), ("tracking", "", "1Z111")]),
        (3, "1001-1", "NEW", [("carrier", "", "UPS"), ("tracking", "", "1Z222")]),
        (4, "1002-1", "NEW", [("carrier", "", "DHL"), ("tracking", "", "JD-7")]),
    ]
    assert parcels() == [("1002-1", "UPS 1Z999")]

    confirmed(file)

    assert parcels() == [
        ("1001-1", "UPS 1Z111"),
        ("1001-1", "UPS 1Z222"),
        ("1002-1", "UPS 1Z999"),
        ("1002-1", "DHL JD-7"),
    ]
    # One e-mail for both parcels; the number of 1002 is not its first.
    assert said(inbox) == ["Follow your order 1001"]
    event = Shipment.objects.get(number="1001-1").events.get(kind="PARCEL_ADDED")
    assert event.detail == {"tracking": "UPS 1Z111, UPS 1Z222"}


def test_a_file_brought_in_again_changes_nothing(inbox: list[Any]) -> None:
    shop()
    gone("1001")
    written_file(f"{HEADER}\n1001-1,ups,1Z111", format_code="PARCELS")
    version = Shipment.objects.get().version
    exported = "".join(export_lines("PARCELS", Parcel.objects.all()))
    said(inbox)

    again = written_file(exported, format_code="PARCELS")

    assert (again.state, counts(again)) == ("WRITTEN", (0, 0, 1, 0, 0, 0))
    assert Shipment.objects.get().version == version
    assert said(inbox) == []
    # Nor does the same file that is confirmed twice.
    assert confirmed(again).state == "WRITTEN"


def test_a_number_is_corrected_where_the_file_replaces(inbox: list[Any]) -> None:
    shop()
    gone("1001", UPS)
    said(inbox)
    header = f"{HEADER},tell_customer"

    added = looked_at("1001-1,ups,1Z888,1", header=header)
    file = looked_at("1001-1,ups,1Z888,1", header=header, behavior="REPLACE")

    assert (counts(added), counts(file)) == ((1, 0, 0, 0, 0, 0), (0, 1, 0, 0, 0, 0))
    assert [cells_of(step) for step in steps(file)] == [[("tracking", "1Z999", "1Z888")]]
    confirmed(file)
    assert parcels() == [("1001-1", "UPS 1Z888")]
    assert Parcel.objects.get().weight == Decimal("1.5")
    assert said(inbox) == ["Follow your order 1001"]
    event = Shipment.objects.get().events.get(kind="PARCEL_CHANGED")
    assert event.detail == {"tracking": "UPS 1Z999 → UPS 1Z888"}


def test_a_disabled_carrier_keeps_its_parcels_and_gets_no_new_ones() -> None:
    shop()
    gone("1001", ParcelFacts("ups"))
    gone("1002")
    Carrier.objects.filter(code="ups").update(is_enabled=False)

    file = looked_at("1001-1,ups,1Z111", "1002-1,ups,1Z222")

    assert sentences(file) == [
        (3, "carrier", "The carrier UPS is disabled. Enable it, or name another.")
    ]


def test_every_fault_is_at_its_row_and_nothing_is_written() -> None:
    shop()
    gone("1001")
    placed("1002")
    Shipment.objects.filter(number="1001-1").update(pickup_source=None)
    collected = gone("1003")
    Shipment.objects.filter(pk=collected.pk).update(pickup_source=collected.source)

    file = looked_at(
        "1001-1,pigeon,1Z111",
        "1001-1,ups,?",
        "1001-1,ups,",
        "1002-1,ups,1Z222",
        "1003-1,ups,1Z333",
        "1004-1,ups,1Z444",
        "1001-1,ups,1Z555",
        "1001-1,ups,1Z555",
        "1001-1,UPS,1Z555",
        "1001-1,dhl,1Z555",
    )

    assert file.state == "REFUSED"
    assert sentences(file) == [
        (2, "carrier", "There is no carrier with the code “pigeon”."),
        (
            3,
            "tracking",
            "“?” is no tracking number. Use letters A to Z, digits, hyphen, period, underscore "
            "and slash.",
        ),
        (4, "tracking", "A value is needed here."),
        (
            5,
            "shipment",
            "The shipment “1002-1” has not left. Ship it, then upload this row again: a file "
            "ships nothing.",
        ),
        (6, "shipment", "The customer collects this shipment, so it has no parcels."),
        (7, "shipment", "There is no shipment with the number “1004-1”."),
        (9, "", "Duplicate of line 8 (1001-1, ups, 1Z555)."),
        (10, "tracking", "Duplicate of line 8 (1001-1, 1Z555)."),
        (11, "tracking", "Duplicate of line 8 (1001-1, 1Z555)."),
    ]
    assert parcels() == []
    written = write(file.pk, ACT, today=TODAY, progress=quiet, good_rows=True)
    assert (written.state, parcels()) == ("WRITTEN", [("1001-1", "UPS 1Z555")])
    assert Shipment.objects.get(number="1002-1").state == "READY"


def test_what_others_changed_since_the_check_is_shown_and_nothing_is_written() -> None:
    shop()
    shipment = gone("1001", UPS)
    file = looked_at("1001-1,ups,1Z888", behavior="REPLACE")
    change_parcel(shipment.pk, Parcel.objects.get().pk, ParcelFacts("ups", "1Z777"), ACT)

    stopped = confirmed(file)

    assert stopped.state == "CHECKED"
    assert "Nothing was written" in stopped.message
    assert [notice.sentence for notice in findings(stopped).notices] == [
        "tracking was “1Z999” when the file was checked, and is “1Z777” now."
    ]
    assert parcels() == [("1001-1", "UPS 1Z777")]
    confirmed(stopped)
    assert parcels() == [("1001-1", "UPS 1Z888")]


def test_a_shipment_whose_shipping_is_undone_meanwhile_gets_no_parcel() -> None:
    shop()
    shipment = gone("1001")
    file = looked_at("1001-1,ups,1Z888")
    undo_fulfillment(shipment.pk, Act(NOW + timedelta(hours=1), reason="Found"))

    assert confirmed(file).state == "REFUSED"
    assert parcels() == []


@pytest.mark.django_db(transaction=True)
def test_a_parcel_that_is_added_at_the_same_time_is_seen_once_the_shipment_is_locked() -> None:
    shop()
    shipment = gone("1001")
    file = looked_at("1001-1,ups,1Z888")
    outcome: list[ImportFile] = []

    with ExitStack() as others, transaction.atomic():
        add_parcel(shipment.pk, ParcelFacts("ups", "1Z888"), ACT)
        others.enter_context(beside(lambda: outcome.append(confirmed(file))))

    assert [(one.state, counts(one)) for one in outcome] == [("CHECKED", (0, 0, 1, 0, 0, 0))]
    assert parcels() == [("1001-1", "UPS 1Z888")]


def test_a_worker_writes_a_large_file() -> None:
    shop()
    InventoryConfiguration.objects.update(bulk_batch_size=1)
    gone("1001")
    gone("1002")
    file = looked_at("1001-1,ups,1Z111", "1002-1,ups,1Z222")

    background.confirm(file.pk, Act(timezone.now()), today=TODAY)

    job = background.latest_job(file.pk)
    assert job is not None
    assert parcels() == []
    background.run_write(job, quiet)
    background.run_write(job, quiet)
    assert parcels() == [("1001-1", "UPS 1Z111"), ("1002-1", "UPS 1Z222")]


def test_the_list_of_parcels_finds_a_number_and_takes_a_file(admin_client: Client) -> None:
    shop()
    gone("1001", UPS)
    gone("1002")
    address = reverse("admin:fulfillment_parcel_changelist")

    for sought in ("1z9", "1001-1", "1Z 999"):
        listed = admin_client.get(address, {"q": sought})
        assert [str(one) for one in listed.context["cl"].result_list] == ["UPS 1Z999"], sought
    assert not admin_client.get(address, {"q": "999"}).context["cl"].result_list

    upload = reverse("admin:fulfillment_parcel_import")
    page = admin_client.get(upload)
    assert "Correct: tracking numbers of a shipment" in page.text
    example = admin_client.get(f"{upload}?example=1")
    text = b"".join(example.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines() == [HEADER, "1001-1,ups,1Z999AA10123456784"]
    content = SimpleUploadedFile("t.csv", f"{HEADER}\n1002-1,dhl,JD-7".encode())
    shown = admin_client.post(upload, {"file": content, "behavior": "APPEND"}, follow=True)
    file = ImportFile.objects.get()
    assert "Parcels · Add · uploaded" in " ".join(strip_tags(shown.text).split())
    listed = admin_client.get(reverse("admin:inventory_importfile_changelist"))
    assert "Add and change" not in shown.text + listed.text
    admin_client.post(reverse("admin:inventory_importfile_confirm", args=[file.pk]))
    assert parcels() == [("1001-1", "UPS 1Z999"), ("1002-1", "DHL JD-7")]
