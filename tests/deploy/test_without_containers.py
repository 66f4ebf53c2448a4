"""The back office without containers: its units of systemd start it, nginx stands before it."""

import configparser
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.db import connection

from config.local_services.network_ports import answers, free_port
from tests.certificates import Certificate

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
ANALYZE = shutil.which("systemd-analyze")
INSTALLED = "/opt/backoffice/.venv/bin/"
SECONDS = 240
# It asks who one is; other pages need their static files collected.
PAGE = "/api/v1/orders/"
MEGABYTE = 1024 * 1024
# The main file of nginx, with everything of this test's own in one folder.
MAIN = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/site.conf;
}}
"""


def unit(name: str) -> configparser.SectionProxy:
    """Return the service of a unit; of what is named twice, the last."""
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(UNITS / f"backoffice-{name}.service")
    return read["Service"]


def command(name: str, instance: str = "") -> list[str]:
    """Return what a unit starts, from this environment."""
    line = unit(name)["ExecStart"].replace(INSTALLED, f"{Path(sys.executable).parent}/")
    return shlex.split(line.replace("%%", "%").replace("%i", instance))


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if ANALYZE is None:
        pytest.skip("systemd is not on this machine")
    for path in UNITS.glob("*.service"):
        text = path.read_text().replace(INSTALLED, f"{Path(sys.executable).parent}/")
        (tmp_path / path.name).write_text(text)

    verified = subprocess.run(
        [ANALYZE, "verify", "--man=no", *map(str, sorted(tmp_path.glob("*.service")))],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (verified.returncode, verified.stderr) == (0, "")
    assert len(list(tmp_path.glob("*"))) == 5


def test_the_units_start_what_the_containers_do() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    (image,) = re.findall(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    started = {name: services[name].get("command", yaml.safe_load(image)) for name in
               ("web", "worker", "mail", "beat", "migrate")}  # fmt: skip

    for name, words in started.items():
        own = command("web@" if name == "web" else name, "8000")
        own[0] = Path(own[0]).name
        assert own == [word.replace("0.0.0.0", "127.0.0.1") for word in words], name  # noqa: S104


def test_each_process_may_do_little() -> None:
    for path in UNITS.glob("*.service"):
        service = unit(path.stem.removeprefix("backoffice-"))
        assert service["User"] == "backoffice", path.name
        assert service["NoNewPrivileges"] == "yes"
        assert service["ProtectSystem"] == "strict"
        assert service["CapabilityBoundingSet"] == ""
        assert service["MemoryMax"] == "1G"
    owners = [path.stem for path in UNITS.glob("*.service") if "/owner" in path.read_text()]
    assert owners == ["backoffice-migrate"]


@contextmanager
def running(
    words: list[str], log: Path, environment: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("w") as out:
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=subprocess.STDOUT)  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(240)


class VisitedSite:
    """The site as its visitors reach it: over TLS, by its name."""

    def __init__(self, port: int, plain_port: int, folder: Path, first: Any) -> None:
        self.port, self.plain_port, self.folder, self.first = port, plain_port, folder, first
        self.context = ssl.create_default_context(cafile=folder / "shop.example.com.pem")

    def plain_status(self, path: str) -> int:
        """Return what is answered to who asks without encryption."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.plain_port, timeout=60)) as line:
            line.request("GET", path, headers={"Host": "shop.example.com"})
            return line.getresponse().status

    def takes(self, ciphers: str) -> bool:
        """Whether one of these ciphers of TLS 1.2 is agreed on."""
        context = ssl.create_default_context(cafile=self.folder / "shop.example.com.pem")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(ciphers)
        try:
            with (
                socket.create_connection(("127.0.0.1", self.port), timeout=60) as plain,
                context.wrap_socket(plain, server_hostname="shop.example.com"),
            ):
                return True
        except ssl.SSLError:
            return False

    def ask(self, path: str, *, head: str = "", body: bytes = b"") -> tuple[int, dict[str, str]]:
        """Return the status and the headers of an answer."""
        method = "POST" if body or "Content-Length" in head or "chunked" in head else "GET"
        length = (
            ""
            if "chunked" in head or "Content-Length" in head
            else (f"Content-Length: {len(body)}\r\n")
        )
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=120) as plain,
            self.context.wrap_socket(plain, server_hostname="shop.example.com") as line,
        ):
            line.sendall(
                f"{method} {path} HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\n"
                f"{head}{length}\r\n".encode()
                + body
            )
            answer = b""
            while piece := line.recv(65536):
                answer += piece
        first, *lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")
        return int(first.split()[1]), dict(text.split(": ", 1) for text in lines)

    def until(self, path: str, status: int) -> None:
        deadline = time.monotonic() + SECONDS
        found = 0
        while found != status:
            assert time.monotonic() < deadline, (found, self.logs())
            time.sleep(0.3)
            with suppress(OSError):
                found = self.ask(path)[0]

    def logs(self) -> str:
        return "\n".join(path.read_text()[-1500:] for path in sorted(self.folder.glob("*.log")))


@pytest.fixture
def web_environment() -> dict[str, str]:
    """The environment file of a machine, on the database of this test."""
    name = connection.settings_dict["NAME"]
    return {
        **os.environ,
        "ENVIRONMENT": "production",
        "SECRET_KEY": "of-this-test-alone-Ohf6quai2ahW0eephu5bIeShahd4uu3aeR9",
        "ALLOWED_HOSTS": "shop.example.com",
        "BEHIND_PROXY": "yes",
        "DATABASE_URL": re.sub(r"/[^/]*$", f"/{name}", settings.DATABASE_URL),
        "DATABASE_POOL": "no",
        "REDIS_URL": re.sub(r"/\d+$", "/15", settings.REDIS_URL),
    }


def proxy_command(folder: Path, ports: dict[str, int], *, longest: str = "120s") -> list[str]:
    """Return what starts nginx with the site of ``deploy/`` on other ports; it waits for
    ``longest`` for an answer."""
    if NGINX is None:
        pytest.skip("nginx is not on this machine; .ci/run installs it")
    certificate = Certificate.of("shop.example.com", folder)
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = re.sub(r"(server 127\.0\.0\.1:)(\d+)", lambda m: m[1] + str(ports[m[2]]), text)
    text = re.sub(r"(listen )(\d+)", lambda m: f"{m[1]}127.0.0.1:{ports[m[2]]}", text)
    text = re.sub(r"/etc/\S+/fullchain\.pem", str(certificate.file), text)
    text = re.sub(r"/etc/\S+/privkey\.pem", str(certificate.key), text)
    text = text.replace("proxy_read_timeout 120s", f"proxy_read_timeout {longest}")
    (folder / "site.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + MAIN.format(folder=folder))
    return [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]


class SlowPage(BaseHTTPRequestHandler):
    """Answers at once, and for longer than nginx waits where it is asked to."""

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(3)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_one_slow_answer_keeps_nobody_out(tmp_path: Path) -> None:
    ports = {name: free_port() for name in ("8000", "8001", "443", "80")}
    proxy = proxy_command(tmp_path, ports, longest="1s")
    with ThreadingHTTPServer(("127.0.0.1", ports["8000"]), SlowPage) as web, ExitStack() as others:
        Thread(target=web.serve_forever, daemon=True).start()
        others.callback(web.shutdown)
        others.enter_context(running(proxy, tmp_path / "proxy.log", dict(os.environ)))
        shop = VisitedSite(ports["443"], ports["80"], tmp_path, None)
        shop.until("/", 200)

        # Of two processes one is stopped, as between two versions.
        assert shop.ask("/slow")[0] == 502
        assert [shop.ask("/")[0] for _time in range(5)] == [200] * 5


@pytest.fixture
def site(
    tmp_path: Path, transactional_db: None, web_environment: dict[str, str]
) -> Iterator[tuple[VisitedSite, ExitStack, int]]:
    """nginx with the site of ``deploy/``, one web process behind it, and the port of another."""
    ports = {name: free_port() for name in ("8000", "8001", "443", "80")}
    proxy = proxy_command(tmp_path, ports)
    with ExitStack() as processes:
        processes.enter_context(running(proxy, tmp_path / "proxy.log", dict(os.environ)))
        web = command("web@", str(ports["8000"]))
        first = processes.enter_context(running(web, tmp_path / "web.log", web_environment))
        found = VisitedSite(ports["443"], ports["80"], tmp_path, first)
        found.until(PAGE, 401)
        yield found, processes, ports["8001"]


def test_visitors_reach_the_site_through_nginx_alone(
    site: tuple[VisitedSite, ExitStack, int], web_environment: dict[str, str]
) -> None:
    shop, processes, second_port = site

    # by its name, over TLS: whoever comes without is sent there
    status, headers = shop.ask(PAGE)
    assert status == 401
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert headers["Server"] == "nginx"
    with closing(http.client.HTTPConnection("127.0.0.1", shop.plain_port, timeout=60)) as plain:
        plain.request("GET", "/admin/?a=1", headers={"Host": "shop.example.com"})
        answer = plain.getresponse()
        assert (answer.status, answer.headers["Location"]) == (
            308,
            "https://shop.example.com/admin/?a=1",
        )
        answer.read()
    # A program is not led on: its key would travel unencrypted each time.
    assert shop.plain_status(PAGE) == 403
    assert shop.plain_status("/email-reports/") == 403

    # of TLS 1.2, strong ciphers alone
    for ciphers, is_taken in (("ECDHE+AESGCM", True), ("AESGCM:!ECDHE:!DHE", False),
                              ("ECDHE+AES:!AESGCM", False)):  # fmt: skip
        assert shop.takes(ciphers) is is_taken, ciphers

    # figures and states of processes are for nobody outside
    assert [shop.ask(path)[0] for path in ("/metrics", "/health/ready/")] == [404, 404]

    # who asks is the address that nginx saw, and no id is made up outside
    shop.ask(
        "/api/v1/nothing-here/", head="X-Forwarded-For: 198.51.100.7\r\nX-Request-ID: made-up\r\n"
    )
    log = (shop.folder / "web.log").read_text()
    (line,) = [each for each in log.splitlines() if "nothing-here" in each and "finished" in each]
    assert '"ip": "127.0.0.1"' in line
    assert "made-up" not in log

    # what is too long is refused before it is sent on; what says no length is given one
    assert shop.ask(PAGE, head=f"Content-Length: {62 * MEGABYTE}\r\n")[0] == 413
    in_pieces = "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n"
    status, _headers = shop.ask(PAGE, head=in_pieces, body=b"2\r\n{}\r\n0\r\n\r\n")
    assert status == 401

    # and: a second process takes over while the first is stopped
    second = command("web@", str(second_port))
    processes.enter_context(running(second, shop.folder / "second.log", web_environment))
    deadline = time.monotonic() + SECONDS
    while not answers(second_port):
        assert time.monotonic() < deadline, shop.logs()
        time.sleep(0.2)
    shop.first.send_signal(signal.SIGTERM)
    shop.first.wait(240)
    assert [shop.ask(PAGE)[0] for _ in range(5)] == [401] * 5

    # and: the other units do the background work
    for name in ("worker", "mail", "beat"):
        written = shop.folder / f"{name}.log"
        processes.enter_context(running(command(name), written, web_environment))
    deadline = time.monotonic() + SECONDS
    while (found := state(second_port)) != {"broker": "ok", "workers": "ok", "scheduler": "ok"}:
        assert time.monotonic() < deadline, (found, shop.logs())
        time.sleep(0.5)


def state(port: int) -> Any:
    """Return what a web process says of the background work."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as line:
        line.request("GET", "/health/work/", headers={"X-Forwarded-Proto": "https"})
        return json.load(line.getresponse())
