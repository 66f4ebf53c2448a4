"""What is left of a test run or a back office that is killed: nothing."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from config import local_services
from config.local_services import keeper
from tests import services
from tests.present import present

ROOT = Path(__file__).resolve().parents[2]
# As a test run does it, and then at work until somebody ends it, with a program that a test starts.
TEST_RUN = """
import os, signal, sys, time
from pathlib import Path
from config.local_services.broker import Broker
from tests.services import pytest_load_initial_conftests
# A shell that starts something in the background has it ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
# One that outlives its terminal has it ignore the end of that.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.environ.pop("DATABASE_URL", None), os.environ.pop("REDIS_URL", None)
pytest_load_initial_conftests()
Broker(Path(sys.argv[1]), is_throwaway=True).start()
print(os.environ["DATABASE_URL"], flush=True)
time.sleep(600)
"""
# As the back office does it: a program in a group of its own, with a child that takes no hint.
BACK_OFFICE = """
import signal, subprocess, sys, time
from pathlib import Path
from config.local_services.keeper import Keeper
keeper = Keeper(Path(sys.argv[1]))
child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
program = subprocess.Popen([sys.executable, "-c", child], start_new_session=True)
keeper.watch(program.pid)
print(program.pid, flush=True)
time.sleep(600)
"""


def start(code: str, *arguments: str, temporary: Path) -> subprocess.Popen[str]:
    kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        text=True,
    )


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def servers_of(folder: Path) -> list[str]:
    """Return the command lines of processes that work in ``folder``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(folder) in line and "-c" not in line.split()[:2]:
            found.append(line)
    return found


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files that the server's account can reach."""
    with tempfile.TemporaryDirectory(prefix="keeper-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_test_run_that_is_ended_leaves_no_server_no_program_and_no_folder(
    temporary: Path, tmp_path: Path, number: Any
) -> None:
    with start(TEST_RUN, str(tmp_path), temporary=temporary) as run:
        assert present(run.stdout).readline().startswith("postgres://")
        assert servers_of(temporary)
        assert servers_of(tmp_path)

        run.send_signal(number)

    until(lambda: not list(temporary.iterdir()) and not servers_of(temporary))
    until(lambda: not servers_of(tmp_path))


def test_what_a_dead_machine_left_is_removed_by_the_next_run_and_a_living_run_is_not(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: a run that lives, and one that was killed together with its keeper
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    living = services.throwaway_folder()
    dead = temporary / f"{services.PREFIX}dead"
    dead.mkdir()
    dead.chmod(0o755)
    (dead / services.OWNER).touch()
    local_services.ensure(dead, {}, is_throwaway=True)

    # when
    services.remove_ownerless()

    # then
    assert [folder.name for folder in temporary.iterdir()] == [living.name]
    assert not servers_of(dead)


def test_programs_of_a_killed_back_office_end_even_those_that_take_no_hint(temporary: Path) -> None:
    with start(BACK_OFFICE, str(temporary / "var"), temporary=temporary) as owner:
        program = int(present(owner.stdout).readline())

        owner.kill()

    until(lambda: not Path(f"/proc/{program}").exists())


def test_groups_that_ended_before_their_owner_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []
    monkeypatch.setattr(keeper, "end_groups", lambda groups: ended.append(set(groups)))

    keeper.keep(tmp_path / "none", StringIO("11\n12\n-11\n"), is_throwaway=False)
    keeper.keep(tmp_path / "none", StringIO("13\ndone\n"), is_throwaway=False)

    assert ended == [{12}]
