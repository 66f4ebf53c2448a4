"""A whole back office whose parts can be taken away: web, two workers, scheduler, broker, database.

Each worker, and a web server of a test's own, reaches the database through a relay of its own,
which can stop relaying without closing anything, as a network does that drops every packet.
"""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from redis import Redis

from config.local_services.broker import Broker
from config.local_services.network_ports import HOST, free_port
from core.operations.api_keys import issue_key

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 240
CHUNK = 65536
TOKEN = "a" * 32


@dataclass(frozen=True)
class TimedAnswer:
    """What came back, and after how many seconds."""

    status: int
    headers: dict[str, str]
    body: str
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Relay:
    """Hands on bytes between a worker and the database, until it is told to drop them."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self._flows = threading.Event()
        self._flows.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def drop(self) -> None:
        """Hand on nothing any more, in either direction; both ends stay connected."""
        self._flows.clear()

    def flow(self) -> None:
        """Hand on again what came meanwhile, and what comes."""
        self._flows.set()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection((HOST, self._target))
            for source, goal in ((near, far), (far, near)):
                threading.Thread(target=self._hand_on, args=(source, goal), daemon=True).start()

    def _hand_on(self, source: socket.socket, goal: socket.socket) -> None:
        try:
            while chunk := source.recv(CHUNK):
                self._flows.wait()
                goal.sendall(chunk)
        except OSError:
            pass
        finally:
            self._flows.wait()
            for end in (source, goal):
                # Closing alone ends nothing while the other thread waits for what comes from it.
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()


@dataclass
class Stack:
    """The running back office, and questions to it."""

    folder: Path
    broker: Broker
    port: int = field(default_factory=free_port)
    relays: dict[str, Relay] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        target = int(connection.settings_dict["PORT"])
        self._start_web()
        for name in ("first", "second"):
            self.relays[name] = Relay(target)
            worker = f"celery -A config worker --concurrency 1 --hostname {name}@%h"
            port = self.relays[name].port
            self._run(name, *worker.split(), "--loglevel", "info", database_port=port)
        self.start_beat()
        self.user = User.objects.create_superuser("person")
        _row, self.key = issue_key(self.user.pk, name="test", now=self.user.date_joined)
        client = Client()
        client.force_login(self.user)
        self.session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.until(lambda: self.get("/health/work/").status == 200)

    @contextmanager
    def another_web(self, workers: int = 2, **environment: str) -> Iterator["Stack"]:
        """Have a web server of its own settings within this, for the same person and program."""
        relay = Relay(int(connection.settings_dict["PORT"]))
        other = replace(self, port=free_port(), folder=self.folder / "another",
                        relays={"web": relay}, processes={})  # fmt: skip
        other.folder.mkdir()
        other.key, other.session = self.key, self.session
        other._start_web(workers, database_port=relay.port, **environment)
        try:
            other.until(lambda: other.get("/health/ready/").status == 200)
            yield other
        finally:
            other.stop()

    def start_beat(self) -> None:
        """Start the scheduler, in the place of the one that runs."""
        self._kill("beat")
        self._run("beat", "celery", "-A", "config", "beat", "--loglevel", "info", "--pidfile=")

    def stop(self) -> None:
        for name in list(self.processes):
            self._kill(name)
        for relay in self.relays.values():
            relay.flow()
            relay.close()

    def get(self, path: str, **headers: str) -> TimedAnswer:
        return self.send("GET", path, None, headers)

    def post(self, path: str, body: object, **headers: str) -> TimedAnswer:
        """Post JSON to the API; a form, of names and values, to a page."""
        return self.send("POST", path, body, headers)

    def send(self, method: str, path: str, body: object, headers: dict[str, str]) -> TimedAnswer:
        content: str | bytes | None = None
        if path.startswith("/api/"):
            given = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
            content = None if body is None else json.dumps(body)
        else:
            cookies = f"{settings.SESSION_COOKIE_NAME}={self.session}; csrftoken={TOKEN}"
            given = {"Cookie": cookies, "Content-Type": MULTIPART_CONTENT}
            if isinstance(body, dict):
                content = encode_multipart(BOUNDARY, {**body, "csrfmiddlewaretoken": TOKEN})
        before = time.monotonic()
        try:
            asked = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
            asked.request(method, path, content, {**given, **headers})
            came = asked.getresponse()
            text = came.read().decode(errors="replace")
        except OSError as error:
            return TimedAnswer(0, {}, str(error), time.monotonic() - before)
        finally:
            asked.close()
        return TimedAnswer(came.status, dict(came.getheaders()), text, time.monotonic() - before)

    def until(self, found: Callable[..., Any]) -> Any:
        """Return what ``found`` returns, once it is true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (value := found()):
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.1)
        return value

    def logs(self) -> str:
        return "\n".join(
            f"--- {name}\n{self.log(name)[-3000:]}" for name in (*self.processes, "broker")
        )

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @contextmanager
    def broker_that_is(self, state: str) -> Iterator[None]:
        """Have the broker killed, hanging or full within this; then it is well again."""
        process = int((self.broker.folder / "broker.pid").read_text())
        if state == "full":
            with Redis.from_url(self.broker.url) as asked:
                asked.config_set("maxmemory", "1mb")
        else:
            os.kill(process, signal.SIGKILL if state == "killed" else signal.SIGSTOP)
        try:
            yield
        finally:
            if state == "full":
                with Redis.from_url(self.broker.url) as asked:
                    asked.config_set("maxmemory", "0")
            elif state == "hanging":
                os.kill(process, signal.SIGCONT)
            else:
                self.broker.start()

    def _kill(self, name: str) -> None:
        process = self.processes.pop(name, None)
        if process is not None:
            process.send_signal(signal.SIGCONT)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start_web(
        self, workers: int = 2, *, database_port: int | None = None, **environment: str
    ) -> None:
        web = f"gunicorn config.wsgi --bind {HOST}:{self.port} --workers {workers} --threads 4"
        options = (
            "--worker-class", "config.web_worker.HealthyWorker", "--no-control-socket",
            "--log-level", "warning",
        )  # fmt: skip
        self._run("web", *web.split(), *options, database_port=database_port, **environment)

    def _run(
        self, name: str, *arguments: str, database_port: int | None = None, **more: str
    ) -> None:
        database = connection.settings_dict
        address = (
            f"postgres://{database['USER']}:{quote(database['PASSWORD'])}"
            f"@{HOST}:{database_port or database['PORT']}/{database['NAME']}"
        )
        environment = {
            "ENVIRONMENT": "local",
            "SECRET_KEY": settings.SECRET_KEY,
            "DATABASE_URL": address,
            "REDIS_URL": self.broker.url,
            "VAR_DIR": str(self.folder),
            "API_RATE": "100000/min",
        }
        with (self.folder / f"{name}.log").open("w") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env={**os.environ, **environment, **more},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def process_of(name: str) -> int:
    """Return the process number at the end of the name by which the database knows a process."""
    return int(re.findall(r"\d+$", name)[0])
