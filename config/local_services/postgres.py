"""A PostgreSQL of this checkout's own."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from config.local_services.account import (
    Account,
    private_folder,
    readable_programs,
    server_account,
)
from config.local_services.binaries import postgres_programs
from config.local_services.errors import LocalServiceError, cause, cause_in
from config.local_services.network_ports import HOST, claim_port, remembered_port
from config.local_services.secret_file import secret_in

ROLE = "backoffice"
# The role that the app works as, which changes no table.
APP_ROLE = "backoffice_app"
DATABASE = "backoffice"
START_SECONDS = 60
# Not every system has the first; both store UTF-8, the second orders by code alone.
LOCALES = ("C.UTF-8", "C")
# Statistics of rows that a test wrote and took back would mislead the next.
THROWAWAY = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"]
# Room for the indexes of a million shipments, and for a long release run between two checkpoints.
KEPT = ["max_wal_size=4GB"]
# Who answers nothing for half a minute is gone, and gives back what it locked.
GONE = [
    "tcp_keepalives_idle=7",
    "tcp_keepalives_interval=7",
    "tcp_keepalives_count=3",
    "tcp_user_timeout=30000",
    "client_connection_check_interval=7000",
]
MEGABYTE = 1024 * 1024
FEWEST_BUFFERS_MB, MOST_BUFFERS_MB = 128, 1024


@dataclass(frozen=True, slots=True)
class Postgres:
    """One cluster: where its programs and data are, and who runs it."""

    programs: Path
    cluster: Path
    home: Path
    account: Account
    stand_in: Path
    is_throwaway: bool = False

    @classmethod
    def at(cls, folder: Path, *, is_throwaway: bool = False) -> "Postgres":
        """Return the cluster whose files are under ``folder``, or under its stand-in where the
        account that must run it cannot reach ``folder``."""
        account = server_account()
        folder.mkdir(parents=True, exist_ok=True)
        home = folder
        stand_in = private_folder(folder)
        if not account.reaches(folder):
            home = stand_in
            home.mkdir(parents=True, exist_ok=True)
        source = postgres_programs()
        if not account.reaches(source / "postgres"):
            stand_in.mkdir(parents=True, exist_ok=True)
        programs = readable_programs(source, account, stand_in)
        major = _major_version(programs)
        return cls(programs, home / f"postgres-{major}", folder, account, stand_in, is_throwaway)

    @property
    def url(self) -> str:
        """Return the database's URL for the owner of its tables, with the generated password."""
        return self._url(ROLE, self._password())

    @property
    def app_url(self) -> str:
        """Return the database's URL for the app's role, with a generated password of its own."""
        return self._url(APP_ROLE, secret_in(self.home / "postgres.app.password"))

    def _url(self, role: str, password: str) -> str:
        port = remembered_port(self._port_file)
        return f"postgres://{role}:{quote(password)}@{HOST}:{port}/{DATABASE}"

    def is_running(self) -> bool:
        """Whether the server of this very cluster runs."""
        if not (self.cluster / "postmaster.pid").exists() or self._is_stranger():
            return False
        return self._control("status").returncode == 0

    def start(self) -> bool:
        """Start the server, making the cluster first if there is none; False if it runs already.

        :raises LocalServiceError: with the server's own last words if it does not come up.
        """
        if self.is_running():
            return False
        if not (self.cluster / "PG_VERSION").exists():
            self._make_cluster()
        self._forget_stranger()
        port = claim_port(self._port_file)
        settings = [f"port={port}", f"listen_addresses={HOST}", "unix_socket_directories=", *GONE]
        settings += (
            THROWAWAY
            if self.is_throwaway
            else [*KEPT, f"shared_buffers={buffers_for(_memory())}MB"]
        )
        options = " ".join(f"-c {setting}" for setting in settings)
        log = self.cluster.with_suffix(".log")
        known = log.stat().st_size if log.exists() else 0
        started = self._control(
            "start", "-w", "-t", str(START_SECONDS), "-l", str(log), "-o", options
        )
        if started.returncode != 0:
            why = cause_in(log, known, started.returncode)
            raise LocalServiceError(f"PostgreSQL did not start: {why} (its log is {log}).")
        self._make_database()
        return True

    def stop(self) -> None:
        """Stop the server, finishing what it is writing; nothing happens if none runs."""
        if self.is_running():
            self._control("stop", "-m", "fast", "-w", "-t", str(START_SECONDS))

    def remove(self) -> None:
        """Stop the server and delete the cluster with all its data."""
        self.stop()
        shutil.rmtree(self.cluster, ignore_errors=True)
        self.cluster.with_suffix(".log").unlink(missing_ok=True)
        shutil.rmtree(self.stand_in, ignore_errors=True)

    @property
    def _port_file(self) -> Path:
        return self.home / "postgres.port"

    def _is_stranger(self) -> bool:
        """Whether the server's process number now belongs to another program, as it may once the
        machine was switched off while the server ran."""
        process = (self.cluster / "postmaster.pid").read_text().split("\n", 1)[0].strip()
        name = Path("/proc") / process / "comm"
        return name.exists() and name.read_text().strip() != "postgres"

    def _forget_stranger(self) -> None:
        # PostgreSQL itself takes any living process of that number for its own server.
        lock = self.cluster / "postmaster.pid"
        if lock.exists() and self._is_stranger():
            lock.unlink()

    def _password(self) -> str:
        return secret_in(self.home / "postgres.password")

    def _make_cluster(self) -> None:
        # Made beside its final folder and moved there, so that a run cut short leaves no half.
        unfinished = self.cluster.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.account.own(unfinished)
        password = unfinished.with_suffix(".pw")
        password.write_text(self._password())
        password.chmod(0o600)
        self.account.own(password)
        log = self.cluster.with_suffix(".log")
        log.touch(mode=0o600)
        self.account.own(log)
        for locale in LOCALES:
            made = self._run(
                "initdb", "-D", str(unfinished), "-U", ROLE, "-A", "scram-sha-256", "-E", "UTF8",
                f"--locale={locale}", f"--pwfile={password}",
                "--no-sync" if self.is_throwaway else "-k",
            )  # fmt: skip
            if "invalid locale" not in made.stderr:
                break
        password.unlink()
        if made.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise LocalServiceError(
                f"PostgreSQL could not make its data folder {self.cluster}: {cause(made.stderr)}."
            )
        unfinished.rename(self.cluster)

    def _make_database(self) -> None:
        port = remembered_port(self._port_file)
        environment = {**os.environ, "PGPASSWORD": self._password()}
        where = ["-h", HOST, "-p", str(port), "-U", ROLE]
        made = self._run("createdb", *where, "--maintenance-db=postgres", DATABASE,
                         environment=environment)  # fmt: skip
        if made.returncode != 0 and "already exists" not in made.stderr:
            raise LocalServiceError(f"PostgreSQL could not make a database: {cause(made.stderr)}.")

    def _control(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self._run("pg_ctl", "-D", str(self.cluster), *arguments)

    def _run(
        self, program: str, *arguments: str, environment: dict[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        # The server inherits what pg_ctl writes to: a pipe would be held open for ever.
        output = subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE
        return subprocess.run(
            [str(self.programs / program), *arguments],
            cwd="/",
            env={**(environment or os.environ), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
            check=False,
            **self.account.popen_options(),
        )


def buffers_for(memory: int) -> int:
    """Return the megabytes that a server caches in, given the megabytes of its machine: an eighth,
    within bounds."""
    return min(max(memory // 8, FEWEST_BUFFERS_MB), MOST_BUFFERS_MB)


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE


def _major_version(programs: Path) -> str:
    answer = subprocess.run(
        [str(programs / "postgres"), "--version"], cwd="/", capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return answer.stdout.split()[2].split(".")[0]
