"""Runs several programs as one: their output side by side, all stopped together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import IO, TextIO

from config.local_services.keeper import Keeper
from config.local_services.network_ports import answers

COLORS = ("\033[36m", "\033[33m", "\033[35m", "\033[32m")
RESET = "\033[0m"
# Together with the services, everything is down within ten seconds.
GRACE_SECONDS = 8
LAST_WORDS_SECONDS = 2
# For as long a program may end what it does; then it is asked to give up: a worker hands its task
# back to the broker, for the next start.
PATIENCE_SECONDS = 5
PORT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Program:
    """One program to run; ``name`` stands before each of its lines.

    The programs after one with a ``port`` are started once it listens there, so that what
    people wait for has the machine to itself. ``started`` is what is printed once it has started.
    """

    name: str
    command: Sequence[str]
    port: int | None = None
    started: str = ""


class Supervisor:
    """Starts programs, each in a process group of its own, and stops them together.

    A signal (Ctrl-C, SIGTERM) or the end of any one program stops all: first asked, then asked to
    give up what they do, then, after a grace period, killed with everything they started.
    ``keeper`` ends them where this process is killed itself. ``welcome`` is called once all of them
    have started.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        environment: Mapping[str, str],
        keeper: Keeper | None = None,
        welcome: Callable[[], None] | None = None,
    ) -> None:
        self._programs = programs
        self._welcome = welcome
        self._keeper = keeper
        self._environment = {**environment, "PYTHONUNBUFFERED": "1"}
        self._children: dict[str, subprocess.Popen[str]] = {}
        self._stopping = threading.Event()
        self._out: TextIO = sys.stdout
        self._is_colored = self._out.isatty() and "NO_COLOR" not in os.environ
        self._writing = threading.Lock()
        self._relays: list[threading.Thread] = []

    def run(self) -> int:
        """Run until told to stop; 0 after a signal, 1 when a program ended by itself."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        for program in self._programs:
            self._start(program)
            self._wait_for_port(program)
            if program.started and self._is_up(program):
                self.say(program.name, program.started)
        if self._welcome is not None and all(map(self._is_up, self._programs)):
            self._welcome()
        ended = self._wait()
        self._stop()
        if ended is None:
            return 0
        code = self._children[ended].returncode
        self.say("up", f"{ended} ended by itself with exit code {code}, so everything was stopped.")
        return 1

    def say(self, name: str, line: str) -> None:
        """Print ``line`` behind the name of who says it."""
        width = max(len(program.name) for program in self._programs)
        names = [program.name for program in self._programs]
        prefix = f"{name:<{width}} | "
        if self._is_colored and name in names:
            prefix = f"{COLORS[names.index(name) % len(COLORS)]}{prefix}{RESET}"
        with self._writing:
            self._out.write(f"{prefix}{line}\n")
            self._out.flush()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()

    def _start(self, program: Program) -> None:
        child = subprocess.Popen(
            program.command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._children[program.name] = child
        if self._keeper is not None:
            self._keeper.watch(child.pid)
        assert child.stdout is not None  # noqa: S101 - asked for just above.
        relay = threading.Thread(target=self._relay, args=(program.name, child.stdout), daemon=True)
        relay.start()
        self._relays.append(relay)

    def _relay(self, name: str, output: IO[str]) -> None:
        for line in output:
            self.say(name, line.rstrip("\n"))

    def _wait_for_port(self, program: Program) -> None:
        deadline = time.monotonic() + PORT_SECONDS
        while program.port is not None and not answers(program.port):
            is_over = self._children[program.name].poll() is not None
            if is_over or time.monotonic() > deadline or self._stopping.wait(0.05):
                return

    def _is_up(self, program: Program) -> bool:
        is_running = self._children[program.name].poll() is None
        return is_running and not self._stopping.is_set()

    def _wait(self) -> str | None:
        while not self._stopping.wait(0.2):
            for name, child in self._children.items():
                if child.poll() is not None:
                    return name
        return None

    def _stop(self) -> None:
        for child in self._children.values():
            # Its leader ends the rest of a group in good order.
            child.terminate()
        asked = time.monotonic()
        for child in self._still_there(asked + PATIENCE_SECONDS):
            child.send_signal(signal.SIGQUIT)
        for child in self._still_there(asked + GRACE_SECONDS):
            self.say("up", f"process {child.pid} did not stop when asked; it is killed.")
        for child in self._children.values():
            # Also what a program left behind in its group when it ended by itself.
            _kill_group(child)
            child.wait()
            if self._keeper is not None:
                self._keeper.forget(child.pid)
        for relay in self._relays:
            # The last words of a program often say why it ended.
            relay.join(LAST_WORDS_SECONDS)

    def _still_there(self, deadline: float) -> list["subprocess.Popen[str]"]:
        """Return the programs that have not ended by ``deadline``."""
        left = []
        for child in self._children.values():
            try:
                child.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                left.append(child)
        return left


def _kill_group(child: "subprocess.Popen[str]") -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
