"""A package with a known fault fails the gate; a collection that is away does not."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from deploy import advisories

FAULT = {
    "id": "GHSA-of-this-test",
    "summary": "It lets strangers in.",
    "details": "It lets strangers in.",
    "aliases": ["CVE-2026-0001"],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "sqlparse"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99"}]}],
        }
    ],
}


@contextmanager
def collection(faulty: str) -> Iterator[str]:
    """A collection of advisories that knows a fault of one package."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = asked["package"]["name"] == faulty
            body = json.dumps({"vulns": [FAULT]} if known else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


@pytest.mark.parametrize(("faulty", "status"), [("sqlparse", 1), ("nothing-of-ours", 0)])
def test_a_known_fault_of_a_package_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], faulty: str, status: int
) -> None:
    with collection(faulty) as address:
        monkeypatch.setenv("ADVISORIES_URL", address)
        assert advisories.main() == status

    said = capsys.readouterr()
    assert ("CVE-2026-0001" in said.out) == bool(status)
    assert "not reached" not in said.err


def test_a_collection_that_is_away_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADVISORIES_URL", "http://127.0.0.1:1/v1/query")

    assert advisories.main() == 0
    assert capsys.readouterr().err == (
        "The advisories could not be asked: their collection was not reached.\n"
    )
