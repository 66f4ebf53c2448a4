"""A process of its own that does some work, and is killed at a chosen point of it."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections


@contextmanager
def killed_at(point: Any) -> Iterator[None]:
    """Kill this process at the ``point``-th step: before or after a statement, or a commit."""
    steps = Counter[str]()

    def step() -> None:
        steps["taken"] += 1
        if steps["taken"] == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def around_statement(execute: Any, *arguments: Any) -> Any:
        step()
        result = execute(*arguments)
        step()
        return result

    session: Any = connection
    commit = session._commit

    def around_commit() -> None:
        step()
        commit()
        step()

    session._commit = around_commit
    with connection.execute_wrapper(around_statement):
        yield


def in_a_process_killed_at(point: Any, work: Any) -> Any:
    """Return whether the process was killed before ``work`` came to its end."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        # A browser that an earlier test opened has an event loop running in this process, beside
        # which connections are kept apart; the child has none, and would find one that is shared.
        _inherited = connections["default"]
        del connections["default"]
        try:
            with killed_at(point):
                work()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
