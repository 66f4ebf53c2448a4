"""How long a process may wait for the database, which knows it by a name.

The limits go with each connection, so that they hold on any server: what people and programs ask
for ends soon, with an answer that says why; a worker may take longer.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

# What PostgreSQL keeps of an application's name.
LONGEST_NAME = 63
PROBES = 3
# A server that works ends a statement itself; one that has not by then does not work.
GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Seconds that a statement, the wait for a lock, and a pause in a transaction may take.

    0 is no limit.
    """

    statement: int
    lock: int
    idle: int


def connection_options(limits: SessionLimits, *, connect: int, network: int) -> dict[str, Any]:
    """Return the options of a database that keep these limits.

    ``connect`` are the seconds that connecting may take. Either side gives up the other once it has
    answered nothing for ``network`` seconds: a connection that was cut off ends on both. Where the
    machine still answers and the server does not, the client gives up a statement by itself.
    """
    pause = max(network // (PROBES + 1), 1)
    on_server = {
        "statement_timeout": limits.statement * 1000,
        "lock_timeout": limits.lock * 1000,
        "idle_in_transaction_session_timeout": limits.idle * 1000,
        "tcp_keepalives_idle": pause,
        "tcp_keepalives_interval": pause,
        "tcp_keepalives_count": PROBES,
        "tcp_user_timeout": network * 1000,
        "client_connection_check_interval": pause * 1000,
    }
    return {
        "answer_seconds": limits.statement + GRACE_SECONDS if limits.statement else None,
        "connect_timeout": connect,
        "keepalives": 1,
        "keepalives_idle": pause,
        "keepalives_interval": pause,
        "keepalives_count": PROBES,
        "tcp_user_timeout": network * 1000,
        "options": " ".join(f"-c {name}={value}" for name, value in on_server.items()),
    }


def with_options(database: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a database's settings with these options; what its URL says itself wins."""
    own = dict(database.get("OPTIONS", {}))
    text = " ".join(filter(None, [options["options"], own.get("options", "")]))
    return {**database, "OPTIONS": {**options, **own, "options": text}}


def take_part(part: str) -> None:
    """Connect from now on as ``part``, "web" or "worker": with its limits, and a name that tells
    this process from every other.

    Call it before the process connects, and again in a child that it forks.
    """
    options = settings.DATABASES["default"]["OPTIONS"]
    options.update(settings.DATABASE_PARTS[part])
    options["application_name"] = process_name(part)


def process_name(part: str) -> str:
    """Return the name by which the server knows this process: host and process number tell it
    from every other."""
    tail = f" {os.getpid()}"
    return f"backoffice {part} {socket.gethostname()}"[: LONGEST_NAME - len(tail)] + tail
