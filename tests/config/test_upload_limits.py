"""What is sent is refused by its length, and nothing of it is stored for strangers."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.files import uploadhandler
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from config.upload_limits import ForgottenUpload, UploadMiddleware
from inventory.models import ImportFile

MEGABYTE = 1024 * 1024
HEADER = b"source_code,sku,status,quantity\n"
BOUNDARY = "multipart/form-data; boundary=b"


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the files that are kept, on disk or in memory."""
    names: list[str] = []
    for handler in (
        uploadhandler.TemporaryFileUploadHandler,
        uploadhandler.MemoryFileUploadHandler,
    ):
        receive = handler.receive_data_chunk

        def noted(self: Any, data: bytes, start: int, receive: Any = receive) -> Any:
            names.append(self.file_name)
            return receive(self, data, start)

        monkeypatch.setattr(handler, "receive_data_chunk", noted)
    return names


def upload(client: Client, address: str, size: int, **more: Any) -> Any:
    file = SimpleUploadedFile("stock.csv", HEADER.ljust(size))
    return client.post(address, {"file": file, "behavior": "APPEND"}, **more)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [100, 3 * MEGABYTE])
@pytest.mark.parametrize("name", ["admin:inventory_sourceitem_import", "admin:login"])
def test_nothing_is_stored_of_who_is_not_signed_in(stored: list[str], name: str, size: int) -> None:
    stranger = Client(enforce_csrf_checks=True)

    answer = upload(stranger, reverse(name), size)

    assert answer.status_code in {302, 403}
    assert stored == []


@pytest.mark.django_db
def test_nothing_is_stored_of_who_is_no_staff(client: Client, stored: list[str]) -> None:
    client.force_login(User.objects.create_user("customer"))

    upload(client, reverse("admin:inventory_sourceitem_import"), 100)

    assert stored == []


@pytest.mark.django_db
def test_what_staff_send_is_stored(admin_client: Client, stored: list[str]) -> None:
    answer = upload(admin_client, reverse("admin:inventory_sourceitem_import"), 100)

    assert answer.status_code == 302
    assert set(stored) == {"stock.csv"}
    assert ImportFile.objects.get().name == "stock.csv"


def test_of_a_forgotten_file_only_its_name_stays() -> None:
    forgotten = ForgottenUpload()
    forgotten.new_file("file", "stock.csv", "text/csv", 7)

    forgotten.receive_data_chunk(b"sku,qty", 0)
    file = forgotten.file_complete(7)

    assert (file.name, file.size, file.read()) == ("stock.csv", 0, b"")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "title", "advice"),
    [
        (
            "en",
            "The file is too large. Nothing was saved.",
            "A file has at most 2,000,000 bytes. Split it in parts.",
        ),
        (
            "sv",
            "Filen är för stor. Ingenting sparades.",
            "En fil får ha högst 2\u00a0000\u00a0000 byte. Dela upp den i flera.",
        ),
        (
            "fr",
            "Le fichier est trop volumineux. Rien n’a été enregistré.",
            "Un fichier a au plus 2\u202f000\u202f000 octets. Divisez-le en plusieurs parties.",
        ),
    ],
)
def test_what_is_too_long_is_refused_unread(
    admin_client: Client,
    stored: list[str],
    settings: Settings,
    language: str,
    title: str,
    advice: str,
) -> None:
    settings.IMPORT_MAX_BYTES = 2_000_000
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

    def sent(length: int) -> Any:
        return admin_client.generic(
            "POST",
            reverse("admin:inventory_sourceitem_import"),
            b"--b--",
            content_type=BOUNDARY,
            CONTENT_LENGTH=str(length),
            headers={"Accept-Language": language},
        )

    refused = sent(3_000_001)

    assert refused.status_code == 413
    assert title in refused.text
    assert advice in refused.text
    assert stored == []
    translation.deactivate()


@pytest.mark.parametrize(("length", "is_refused"), [(3_000_000, False), (3_000_001, True)])
def test_other_fields_fit_beside_the_largest_file(
    rf: RequestFactory, settings: Settings, length: int, is_refused: bool
) -> None:
    settings.IMPORT_MAX_BYTES = 2_000_000
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
    request = rf.post("/admin/", {"a": "1"}, CONTENT_LENGTH=str(length))
    request.user = AnonymousUser()

    answer = UploadMiddleware(lambda _request: HttpResponse()).process_view(request)

    assert (answer is not None) is is_refused


@pytest.mark.django_db
def test_what_comes_in_pieces_is_refused(admin_client: Client) -> None:
    in_pieces = {"Transfer-Encoding": "chunked"}

    page = admin_client.post(reverse("admin:inventory_sourceitem_import"), {}, headers=in_pieces)
    problem = Client().post(
        "/api/v1/orders/", b"{}", content_type="application/json", headers=in_pieces
    )

    assert page.status_code == 411
    assert "This request does not say how long it is." in page.text
    assert problem.status_code == 411
    assert problem.json() == {
        "type": "urn:problem:length-required",
        "title": "Length Required",
        "status": 411,
        "detail": "Send the request with its length (Content-Length), not in pieces.",
        "errors": [],
    }
