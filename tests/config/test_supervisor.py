"""Programs run as one: all stop together, with everything they started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import sys
from config.supervisor import Program, Supervisor
python = sys.executable
programs = [
    Program(f"program{n}", [python, "-c", code], started="has started")
    for n, code in enumerate(sys.argv[1:])
]
environment = {"PATH": "/usr/bin:/bin"}
welcome = lambda: print("Welcome", flush=True)
sys.exit(Supervisor(programs, environment=environment, welcome=welcome).run())
"""
# Starts a program of its own, and says its number.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("started", child.pid, flush=True)
time.sleep(60)
"""
# Ends what it does first, which takes long, unless it is asked to give up.
BUSY = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGQUIT, lambda *_: sys.exit("gave up"))
print("started", 0, flush=True)
time.sleep(600)
"""
# Ends by itself once there is a file of this name.
MORTAL = """
import os, time
while not os.path.exists({!r}):
    time.sleep(0.05)
raise SystemExit(3)
"""


def start(*programs: str) -> Any:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *programs],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def grandchild_of(supervisor: Any) -> int:
    for line in supervisor.stdout:
        if " | started " in line:
            return int(line.split()[-1])
    raise AssertionError("the program never started")


def is_gone(process: int) -> bool:
    for _ in range(600):
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:
            return True
        if "State:\tZ" in status:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_programs_and_what_they_started(number: Any) -> None:
    supervisor = start(PARENT)
    grandchild = grandchild_of(supervisor)

    supervisor.send_signal(number)

    supervisor.communicate(timeout=120)
    assert supervisor.returncode == 0
    assert is_gone(grandchild)


def test_each_program_that_started_is_said_then_the_welcome() -> None:
    supervisor = start("import time; time.sleep(60)", "import time; time.sleep(60)")

    said = [next(supervisor.stdout).rstrip("\n") for _ in range(3)]

    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=120)
    assert said == ["program0 | has started", "program1 | has started", "Welcome"]


def test_a_program_with_long_work_is_asked_to_give_it_up_and_is_not_killed() -> None:
    supervisor = start(BUSY)
    grandchild_of(supervisor)

    supervisor.send_signal(signal.SIGINT)

    output, _ = supervisor.communicate(timeout=120)
    assert supervisor.returncode == 0
    assert "gave up" in output
    assert "it is killed" not in output


def test_a_program_that_dies_takes_the_rest_down(tmp_path: Path) -> None:
    sign = tmp_path / "end"
    supervisor = start(PARENT, MORTAL.format(f"{sign}"))
    grandchild = grandchild_of(supervisor)

    sign.touch()
    output, _ = supervisor.communicate(timeout=120)

    assert supervisor.returncode == 1
    assert "program1 ended by itself with exit code 3, so everything was stopped." in output
    assert is_gone(grandchild)
