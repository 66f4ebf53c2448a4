"""A Redis-protocol broker of this checkout's own."""

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from config.local_services.binaries import broker_program
from config.local_services.errors import LocalServiceError, cause_in
from config.local_services.network_ports import HOST, claim_port, remembered_port
from config.local_services.secret_file import secret_in

START_SECONDS = 60
CONFIGURATION = """\
bind {host}
port {port}
dir "{folder}"
pidfile "{folder}/broker.pid"
logfile "{folder}/broker.log"
requirepass {password}
appendonly {persists}
save ""
maxmemory-policy noeviction
daemonize yes
set-proc-title no
"""


@dataclass(frozen=True, slots=True)
class Broker:
    """One broker, with all its files in one folder."""

    folder: Path
    is_throwaway: bool = False

    @property
    def url(self) -> str:
        """Return the broker's URL, with the generated password."""
        return f"redis://:{self._password()}@{HOST}:{remembered_port(self._port_file)}/0"

    def is_running(self) -> bool:
        """Whether the broker of this very folder answers to its password."""
        port = remembered_port(self._port_file)
        if port is None:
            return False
        try:
            with socket.create_connection((HOST, port), timeout=2) as connection:
                connection.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                return connection.recv(64).startswith(b"+OK")
        except OSError:
            return False

    def start(self) -> bool:
        """Start the broker; False if it runs already.

        :raises LocalServiceError: with its own last words if it does not come up.
        """
        if self.is_running():
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        port = claim_port(self._port_file)
        configuration = self.folder / "broker.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(
            CONFIGURATION.format(
                host=HOST,
                port=port,
                folder=self.folder,
                password=self._password(),
                persists="no" if self.is_throwaway else "yes",
            )
        )
        started = subprocess.run(
            [str(broker_program()), str(configuration)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running():
            if started.returncode != 0 or time.monotonic() > deadline:
                log = self.folder / "broker.log"
                why = cause_in(log, 0, started.returncode)
                raise LocalServiceError(f"The broker did not start: {why} (its log is {log}).")
            time.sleep(0.02)
        return True

    def stop(self) -> None:
        """Stop the broker after it has written what it holds; nothing happens if none runs."""
        if not self.is_running():
            return
        pid = int((self.folder / "broker.pid").read_text())
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + START_SECONDS
        while self.is_running() and time.monotonic() < deadline:
            time.sleep(0.02)

    @property
    def _port_file(self) -> Path:
        return self.folder / "broker.port"

    def _password(self) -> str:
        return secret_in(self.folder / "broker.password")
