"""Connections that are given up once the server has left a question unanswered for too long.

A server that is frozen, or behind a relay that is, keeps its limits no longer, while its machine
still acknowledges every packet: only the client can end the wait. The names are those of a database
driver (PEP 249), as Django's backend looks them up.
"""

import os
import socket
from contextlib import suppress
from typing import Any, TypeVar
from weakref import ref

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
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout

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

WAKE_SECONDS = 0.1

Result = TypeVar("Result")


class Connection(psycopg.Connection[Any]):
    """A connection on which no answer takes longer than ``answer_seconds``; None is no limit."""

    answer_seconds: float | None = None

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        # Adding, removing and copying are one step each, whichever thread does it.
        _connections.add(ref(self, _connections.discard))

    def wait(
        self, gen: PQGen[Result], interval: float = WAKE_SECONDS, timeout: float | None = None
    ) -> Result:
        """Return what the server answers.

        :raises OperationalError: if it has not after ``answer_seconds``; the connection is closed.
        """
        if timeout is not None or self.answer_seconds is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_seconds)
        except _WaitTimeout as error:
            self.pgconn.finish()
            raise OperationalError(
                f"The database has not answered for {self.answer_seconds:g} seconds."
            ) from error


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
