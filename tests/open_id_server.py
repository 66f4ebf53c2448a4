"""A small provider of OpenID Connect, in a process of its own: real HTTPS, signed tokens, PKCE."""

import base64
import hashlib
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django import Settings

from config.local_services.network_ports import HOST, free_port
from tests.certificates import Certificate

CLIENT, CLIENT_SECRET = "backoffice", "the secret of the client"
# Before the addresses that answer as those without it do.
MOVED = "/moved"
ROOT = Path(__file__).resolve().parents[1]


class Provider(BaseHTTPRequestHandler):
    """Answers as a provider does, with what ``says.json`` changes of it."""

    issuer: str
    folder: Path
    keys = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048)
            for name in ("own", "stranger's")} if __name__ == "__main__" else {}  # fmt: skip
    asked: dict[str, dict[str, str]] = {}

    def do_GET(self) -> None:
        if self._moves():
            return
        address = urlsplit(self.path.removeprefix(MOVED))
        values = {name: found[-1] for name, found in parse_qs(address.query).items()}
        match address.path:
            case "/.well-known/openid-configuration":
                self._answer({**self._description(), **self._says("description")})
            case "/keys":
                key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.keys["own"].public_key()))
                self._answer({"keys": [{**key, "kid": "1", "use": "sig", "alg": "RS256"}]})
            case "/authorize":
                self._authorize(values)
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        if self._moves():
            return
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        values = {name: found[-1] for name, found in parse_qs(body).items()}
        asked = self.asked.pop(values.get("code", ""), None)
        proof = hashlib.sha256(values.get("code_verifier", "").encode()).digest()
        is_right = (
            asked is not None
            and values["client_id"] == CLIENT
            and values["client_secret"] == CLIENT_SECRET
            and values["redirect_uri"] == asked["redirect_uri"]
            and base64.urlsafe_b64encode(proof).decode().rstrip("=") == asked["code_challenge"]
        )
        if asked is None or not is_right:
            self._answer({"error": "invalid_grant"}, status=400)
            return
        token = self._token(asked)
        answer = {"access_token": token_urlsafe(), "token_type": "Bearer", "id_token": token}
        (self.folder / "given.json").write_text(json.dumps(answer))
        self._answer(answer)

    def _moves(self) -> bool:
        """Lead from the address that is said to have moved to where it answers."""
        if self.path != self._says("moved"):
            return False
        self.send_response(307)
        self.send_header("Location", f"{self.issuer}{MOVED}{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return True

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _authorize(self, values: dict[str, str]) -> None:
        back = {"state": values["state"]}
        if refusal := self._says("refusal"):
            back["error"] = refusal
        else:
            assert values["code_challenge_method"] == "S256"
            assert "openid" in values["scope"].split()
            back["code"] = token_urlsafe()
            self.asked[back["code"]] = values
        self.send_response(302)
        self.send_header("Location", f"{values['redirect_uri']}?{urlencode(back)}")
        self.end_headers()

    def _token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self._says("claims"),
        }
        if self._says("is_unsigned"):
            return jwt.encode(claims, "", algorithm="none")
        if self._says("is_shared"):
            return jwt.encode(claims, CLIENT_SECRET * 2, algorithm="HS256", headers={"kid": "1"})
        signer = self.keys["stranger's" if self._says("is_forged") else "own"]
        return jwt.encode(claims, signer, algorithm="RS256", headers={"kid": "1"})

    def _says(self, name: str) -> Any:
        return json.loads((self.folder / "says.json").read_text()).get(name) or {}

    def _answer(self, found: Any, *, status: int = 200) -> None:
        text = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: what is asked for are the secrets of a test."""


class Company:
    """A running provider; ``say`` changes what it answers."""

    def __init__(self, issuer: str, folder: Path) -> None:
        self.issuer, self.folder = issuer, folder
        self.say()

    def say(self, **what: Any) -> None:
        (self.folder / "says.json").write_text(json.dumps(what))

    def given(self) -> dict[str, str]:
        """Return the tokens that were given last."""
        found: dict[str, str] = json.loads((self.folder / "given.json").read_text())
        return found

    def log_in(self, address: str) -> str:
        """Do what a person does there; return the address to which the browser is led back."""
        answer = requests.get(
            address, verify=str(self.folder / f"{HOST}.pem"), allow_redirects=False, timeout=30
        )
        return answer.headers["Location"]


@pytest.fixture(scope="module")
def running_company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder, port = tmp_path_factory.mktemp("company"), free_port()
    Certificate.of(HOST, folder)
    found = Company(f"https://{HOST}:{port}", folder)
    arguments = [sys.executable, "-m", "tests.open_id_server", str(port), str(folder)]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    yield found
    process.terminate()
    process.communicate()


@pytest.fixture
def company(
    running_company: Company, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Company:
    """The site knows the provider, and trusts its certificate."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running_company.folder / f"{HOST}.pem"))
    settings.OIDC_ISSUER = running_company.issuer
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, CLIENT_SECRET
    settings.OIDC_NAME = "Example Co"
    running_company.say()
    return running_company


def main(port: int, folder: Path) -> None:
    Provider.issuer, Provider.folder = f"https://{HOST}:{port}", folder
    server = ThreadingHTTPServer((HOST, port), Provider)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{HOST}.pem", folder / f"{HOST}.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)  # noqa: T201 - who started it waits for this.
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
