"""Connections that are given up once the server has left a question unanswered for too long.

A server that is frozen, or behind a relay that is, keeps its limits no longer, while its machine
still acknowledges every packet: only the client can end the wait. The names are those of a database
driver (PEP 249), as Django's backend looks them up.
"""

import os
import socket
from contextlib import suppress
from functools import partial
from typing import Any
from weakref import proxy, ref

import psycopg
from psycopg import (
    Binary,
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)

__all__ = [
    "Binary",
    "Connection",
    "DataError",
    "DatabaseError",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "connect",
    "cut_off",
]


class Connection(psycopg.Connection[Any]):
    """A connection that waits for each answer only so long, once it knows how long."""

    answer_seconds: float | None = None

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        # Adding, removing and copying are one step each, whichever thread does it.
        _connections.add(ref(self, _connections.discard))

    def limit_answers(self, seconds: float | None) -> None:
        """Wait for no answer longer than ``seconds``; None is no limit.

        After an OperationalError about it the connection refuses all else, at once: the answer
        that is still to come is in the way. Django closes it then.
        """
        self.answer_seconds = seconds
        # A connection that held itself would stay open until Python looks for such circles.
        own = proxy(self)
        wait = partial(psycopg.Connection.wait, own, timeout=seconds)
        self.wait = wait  # type: ignore[method-assign]


_connections: set[ref[Connection]] = set()
# A process that was forked must not end what its parent waits for.
os.register_at_fork(after_in_child=_connections.clear)
connect = Connection.connect


def cut_off() -> None:
    """End all connections of this process, also those on which another thread waits for an answer.

    Each wait ends with an OperationalError.
    """
    for reference in list(_connections):
        connection = reference()
        if connection is None:
            continue
        # One that is closed has no socket.
        with (
            suppress(psycopg.Error, OSError),
            socket.socket(fileno=os.dup(connection.fileno())) as end,
        ):
            end.shutdown(socket.SHUT_RDWR)
