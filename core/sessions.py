"""The database sessions of workers: each shows that its process lives; those of one that does not
are ended.

A worker that is frozen, or cut off, keeps its locks while its sessions last. So each of its
processes asks the server something every few seconds, over a session of its own, under the name
that all its sessions have; the server notes when. A process whose sign is not answered gives up its
own sessions by itself, for it may be cut off: it would wait for what nobody does any more.
"""

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psycopg
from django.db import connection

from core.postgresql import driver

# What the names of all workers' processes begin with.
WORKER = "backoffice worker"
SIGN_SECONDS = 5
SILENT_SECONDS = 30

logger = logging.getLogger(__name__)

END_SILENT = """
WITH silent AS (
    SELECT application_name FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user
      AND starts_with(application_name, %(workers)s)
    GROUP BY application_name
    HAVING max(GREATEST(backend_start, state_change))
        < clock_timestamp() - make_interval(secs => %(seconds)s)
)
SELECT application_name FROM (
    SELECT application_name, pg_terminate_backend(pid)
    FROM pg_stat_activity JOIN silent USING (application_name)
    WHERE datname = current_database() AND usename = current_user
) AS ended
GROUP BY application_name ORDER BY application_name
"""


def show_life() -> threading.Event:
    """Show the database, from now on, that this process lives, over a session beside its others.

    Return what ends it, once set; a process that ends needs no such thing.
    """
    over = threading.Event()
    parameters = connection.get_connection_params()
    threading.Thread(target=_show_life, args=(parameters, over), daemon=True).start()
    return over


def end_silent(*, seconds: float = SILENT_SECONDS) -> list[str]:
    """End all sessions of workers' processes that have shown no life for so long; return whose.

    What they had not committed is undone, and their locks are free.
    """
    with connection.cursor() as cursor:
        cursor.execute(END_SILENT, {"workers": f"{WORKER} ", "seconds": seconds})
        return [name for (name,) in cursor.fetchall()]


def _show_life(parameters: Mapping[str, Any], over: threading.Event) -> None:
    answered_at = time.monotonic()
    while not over.is_set():
        # A server that is away, or has ended this session, is shown it by the next one.
        with (
            suppress(psycopg.Error),
            driver.connect(**parameters, autocommit=True) as session,
        ):
            session.limit_answers(SILENT_SECONDS)
            while not over.wait(SIGN_SECONDS):
                session.execute("SELECT 1")
                answered_at = time.monotonic()
        if time.monotonic() - answered_at > SILENT_SECONDS:
            logger.error("The database has not answered this worker: its sessions are given up")
            driver.cut_off()
            answered_at = time.monotonic()
        over.wait(SIGN_SECONDS)
