"""Large files are checked and written by a worker, and watched on the page of its job."""

from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.acts import Act
from core.models import Job
from core.operations import jobs
from inventory import ports
from inventory.files import background, imports
from inventory.models import ImportFile, InventoryConfiguration, SourceItem
from inventory.ports import HeldByVirtualLinesError
from tests.beside import beside
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.inventory.files.imports import LIMIT, NOW, TODAY, findings
from tests.inventory.test_source_item_operations import ready_shipments
from tests.present import present

pytestmark = pytest.mark.django_db(transaction=True)

FILE = "source_code,sku,quantity\nnorth,A,7\nnorth,B,8\nnorth,C,9\n"


@pytest.fixture(autouse=True)
def world() -> None:
    """A, B and C at north, and a limit of two rows."""
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(bulk_batch_size=2)
    north = SourceFactory(code="north")
    for sku in "ABC":
        SourceItemFactory(product=ProductFactory(sku=sku), source=north, quantity=5)


def upload(text: str = FILE) -> ImportFile:
    file = imports.receive(
        text.encode(),
        Act(NOW),
        name="stock.csv",
        format_code="STOCK_SOURCES",
        behavior="APPEND",
        limit=LIMIT,
    )
    return background.begin_check(file.pk, Act(NOW), today=TODAY)


def worked(file: ImportFile) -> Job | None:
    """Do what the file waits for, as a worker does; return the job."""
    job = present(background.latest_job(file.pk))
    return jobs.run(job_id=job.pk, now=NOW)


def confirm(file: ImportFile) -> ImportFile:
    return background.confirm(file.pk, Act(NOW), today=TODAY)


def quantities() -> list[int]:
    return [
        int(quantity)
        for quantity in SourceItem.objects.order_by("product__sku").values_list(
            "quantity", flat=True
        )
    ]


def test_small_file_needs_no_worker() -> None:
    file = upload("source_code,sku,quantity\nnorth,A,7\nnorth,B,8\n")

    assert (file.state, Job.objects.count()) == ("CHECKED", 0)
    assert confirm(file).state == "WRITTEN"
    assert quantities() == [7, 8, 5]


def test_large_file_is_checked_then_written_by_a_worker() -> None:
    # when it is uploaded
    file = upload()

    # then it waits for its check
    job = present(background.latest_job(file.pk))
    assert (file.state, job.kind, job.state, job.total_count) == (
        "CHECKING",
        "inventory.check_file",
        "QUEUED",
        3,
    )

    # when it is checked
    job = present(worked(file))

    # then it waits for a person
    file.refresh_from_db()
    assert (job.state, job.done_count, file.state) == ("COMPLETED", 3, "CHECKED")
    assert findings(file).changed_count == 3
    assert quantities() == [5, 5, 5]

    # when it is confirmed, even twice
    confirm(file)
    confirm(file)

    # then one worker writes it
    assert Job.objects.filter(kind="inventory.write_file").count() == 1
    assert quantities() == [5, 5, 5]
    job = present(worked(file))
    file.refresh_from_db()
    assert (job.state, job.result, file.state) == ("COMPLETED", {"state": "WRITTEN"}, "WRITTEN")
    assert quantities() == [7, 8, 9]


def test_job_that_is_done_again_changes_nothing_more() -> None:
    file = upload()
    worked(file)
    confirm(file)
    job = present(worked(file))
    SourceItem.objects.update(quantity=Decimal(6))

    background.run_write(job, lambda done: None)

    assert quantities() == [6, 6, 6]


def test_interrupted_write_leaves_nothing_and_is_done_by_the_next_worker() -> None:
    file = upload()
    worked(file)
    confirm(file)
    job = present(background.latest_job(file.pk))

    def killed(done: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        background.run_write(job, killed)

    assert quantities() == [5, 5, 5]
    assert present(worked(file)).state == "COMPLETED"
    assert quantities() == [7, 8, 9]


def test_canceled_write_leaves_nothing_and_may_be_confirmed_again() -> None:
    file = upload()
    worked(file)
    confirm(file)
    jobs.request_cancel(job_id=present(background.latest_job(file.pk)).pk)

    assert present(worked(file)).state == "CANCELED"
    assert quantities() == [5, 5, 5]

    confirm(file)
    assert present(worked(file)).state == "COMPLETED"
    assert quantities() == [7, 8, 9]


def test_units_that_become_held_while_a_worker_writes_stop_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_arguments: Any) -> None:
        raise HeldByVirtualLinesError(["O-1"])

    SourceItem.objects.filter(product__sku="A").update(allocated=4)
    file = upload("source_code,sku,quantity\nnorth,A,2\nnorth,B,8\nnorth,C,9\n")
    worked(file)
    confirm(file)
    monkeypatch.setattr(ports.current(), "lock_giving_way", refuse)

    job = present(worked(file))

    assert (job.state, job.message) == (
        "FAILED",
        "Packed shipments or virtual products hold units that the file would take. Nothing was "
        "written. Check the file again to see which.",
    )
    assert quantities() == [5, 5, 5]


def test_good_rows_of_a_large_file_are_written_by_a_worker() -> None:
    file = upload(FILE + "north,D,1\n")
    worked(file)
    background.confirm(file.pk, Act(NOW), today=TODAY, good_rows=True)
    assert quantities() == [5, 5, 5]

    job = present(worked(file))

    file.refresh_from_db()
    assert (job.state, file.state, findings(file).refused_lines) == ("COMPLETED", "WRITTEN", (5,))
    assert quantities() == [7, 8, 9]


@pytest.mark.parametrize("is_good_rows_first", [True, False])
def test_two_confirmations_at_once_write_the_file_once(is_good_rows_first: bool) -> None:
    file = upload("source_code,sku,quantity\nnorth,A,7\n")

    def write(*, good_rows: bool) -> ImportFile:
        return imports.write(
            file.pk, Act(NOW), today=TODAY, progress=lambda done: None, good_rows=good_rows
        )

    with ExitStack() as second_ends, transaction.atomic():
        write(good_rows=is_good_rows_first)
        second_ends.enter_context(beside(lambda: write(good_rows=not is_good_rows_first)))
        SourceItem.objects.filter(product__sku="A").update(quantity=6)

    assert quantities() == [6, 5, 5]


def test_worker_writes_nothing_when_more_shipments_would_lose_their_units() -> None:
    file = upload("source_code,sku,quantity\nnorth,A,1\nnorth,B,8\nnorth,C,9\n")
    worked(file)
    ready_shipments(SourceItem.objects.get(product__sku="A"), quantities=[4])
    confirm(file)

    job = present(worked(file))

    file.refresh_from_db()
    assert (job.state, file.state) == ("FAILED", "CHECKED")
    assert job.message == imports.DRIFTED
    assert quantities() == [5, 5, 5]


def test_pages_lead_from_the_upload_to_the_job_and_back_to_the_file(admin_client: Client) -> None:
    posted = {"file": SimpleUploadedFile("stock.csv", FILE.encode()), "behavior": "APPEND"}

    response = admin_client.post(reverse("admin:inventory_sourceitem_import"), posted)

    file = ImportFile.objects.get()
    progress = reverse("admin:core_job_progress", args=[present(background.latest_job(file.pk)).pk])
    page = reverse("admin:inventory_importfile_change", args=[file.pk])
    assert response["Location"] == progress
    assert page in admin_client.get(progress).content.decode()
    waiting = admin_client.get(page).content.decode()
    assert "Background job: Queued" in waiting
    assert "Write the file" not in waiting

    worked(file)
    assert "Write the file" in admin_client.get(page).content.decode()
    confirm_url = reverse("admin:inventory_importfile_confirm", args=[file.pk])
    assert admin_client.post(confirm_url)["Location"] == reverse(
        "admin:core_job_progress", args=[present(background.latest_job(file.pk)).pk]
    )
    worked(file)
    assert "Saved changes" in admin_client.get(page).content.decode()
    assert quantities() == [7, 8, 9]
