"""An early pytest plugin: services of the test run's own, there before the settings are read.

They live in a temporary folder and end with the test run, however it ends, so a test run never
touches the demo's data and leaves nothing behind. The workers of one run (``pytest -n 2``) share
them: each has a database of its own, on the server and on the broker.
"""

import atexit
import fcntl
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config import local_services
from config.local_services.keeper import RUN, Keeper

OWNER = "owner.lock"
PREFIX = "backoffice-tests-"

# A broker has sixteen databases: the first is the run's own, the last that of whole processes.
MOST_WORKERS = 14


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    # Each worker and each process that a test starts would compile all modules again.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        worker = os.environ.get("PYTEST_XDIST_WORKER")
        if worker:
            os.environ["REDIS_URL"] = broker_of(worker, os.environ["REDIS_URL"])
        return
    remove_ownerless()
    folder = throwaway_folder()
    atexit.register(Keeper(folder, is_throwaway=True).finish)
    os.environ.update(local_services.ensure(folder, os.environ, is_throwaway=True))
    os.environ[RUN] = str(folder)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers ``-n auto`` means: two for each core, because many tests wait for
    programs more than they work.
    """
    return min(2 * len(os.sched_getaffinity(0)), MOST_WORKERS)


def throwaway_folder() -> Path:
    """Make a folder for the services of one test run, locked for as long as its owner lives."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o755)
    handle = os.open(folder / OWNER, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return folder


def remove_ownerless() -> None:
    """Remove the services and data of test runs that a dead machine or a killed keeper left."""
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        # A folder without a lock is of a run that starts at this moment.
        with suppress(OSError), (folder / OWNER).open("r+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            local_services.remove(folder)
            shutil.rmtree(folder, ignore_errors=True)


def broker_of(worker: str, url: str) -> str:
    """Return the address of the broker's database for ``worker`` (gw0, gw1, ...)."""
    number = 1 + int(worker.removeprefix("gw"))
    return urlsplit(url)._replace(path=f"/{number}").geturl()
