"""Ends servers with the process that owns them, however that process ends.

The keeper is a process of its own. It reads from a pipe whose other end only the owner holds, so
the pipe closes when the owner ends, even when it is killed. Until then it does nothing.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from config.local_services.services import remove, stop

ROOT = Path(__file__).resolve().parents[2]
# Names a test run in the environment of every program that it starts.
RUN = "BACKOFFICE_TEST_RUN"
DONE = "done"
GRACE_SECONDS = 8
STOPPED_BY_PEOPLE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Keeper:
    """The owner's end: starts the keeper, names the programs to end, and dismisses it.

    ``is_throwaway``: the data in ``folder`` is deleted as well.
    """

    def __init__(self, folder: Path, *, is_throwaway: bool = False) -> None:
        kind = ["--throwaway"] if is_throwaway else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "config.local_services.keeper", str(folder), *kind],
            cwd=ROOT,
            # A keeper outlives its owner, so it is no program of the run that its owner is of.
            env={name: value for name, value in os.environ.items() if name != RUN},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            # Ctrl-C in a terminal reaches the owner, not its keeper.
            start_new_session=True,
        )

    def watch(self, group: int) -> None:
        """Have the process group ``group`` ended with the owner."""
        self._say(f"{group}\n")

    def forget(self, group: int) -> None:
        """Say that a process group has ended: its number may go to another program."""
        self._say(f"-{group}\n")

    def dismiss(self) -> None:
        """End the keeper: the owner has ended everything itself."""
        self._say(f"{DONE}\n")
        self.finish()

    def finish(self) -> None:
        """Have the keeper end everything now, and wait until it has."""
        stdin = self._stdin()
        with suppress(OSError):
            stdin.close()
        self._process.wait()

    def _say(self, line: str) -> None:
        stdin = self._stdin()
        # A keeper that was killed keeps nobody from ending in good order.
        with suppress(OSError):
            stdin.write(line)
            stdin.flush()

    def _stdin(self) -> IO[str]:
        assert self._process.stdin is not None  # noqa: S101 - asked for above.
        return self._process.stdin


def keep(folder: Path, orders: IO[str], *, is_throwaway: bool) -> None:
    """Read ``orders`` until they end; unless the last is "done", end groups and services."""
    groups: set[int] = set()
    for line in orders:
        order = line.strip()
        if order == DONE:
            return
        number = int(order)
        groups.add(number) if number > 0 else groups.discard(-number)
    end_groups(groups)
    if is_throwaway:
        end_programs(folder)
        remove(folder)
        shutil.rmtree(folder, ignore_errors=True)
    else:
        stop(folder)


def end_groups(groups: set[int], *, seconds: float = GRACE_SECONDS) -> None:
    """Ask the leaders of process groups to end; kill what is left of them after ``seconds``."""
    for group in groups:
        with suppress(ProcessLookupError):
            os.kill(group, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while any(_is_alive(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.1)
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def end_programs(folder: Path, *, seconds: float = GRACE_SECONDS) -> None:
    """Kill what the test run of ``folder`` started, and what that started, on Linux alone."""
    deadline = time.monotonic() + seconds
    while (programs := list(_programs_of(folder))) and time.monotonic() < deadline:
        for number in programs:
            with suppress(OSError):
                os.kill(number, signal.SIGKILL)
        time.sleep(0.1)


def _programs_of(folder: Path) -> Iterator[int]:
    mark = f"{RUN}={folder}".encode()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in environment.read_bytes().split(b"\0"):
                yield int(environment.parent.name)


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    for number in STOPPED_BY_PEOPLE:
        signal.signal(number, signal.SIG_IGN)
    keep(Path(sys.argv[1]), sys.stdin, is_throwaway="--throwaway" in sys.argv[2:])
