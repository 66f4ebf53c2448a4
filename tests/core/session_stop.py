"""Database sessions whose server process stands still."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


@contextmanager
def frozen(*sessions: psycopg.Connection | int) -> Iterator[None]:
    """Have the server's processes behind these sessions, or of these numbers, stand still."""
    numbers = [
        session if isinstance(session, int) else session.info.backend_pid for session in sessions
    ]
    for number in numbers:
        os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in numbers:
            os.kill(number, signal.SIGCONT)
