"""Gives the same request the same answer, however often, however closely it is sent."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from core.models import IdempotentAnswer

POLL_SECONDS = 0.05
WAIT_SECONDS = 10.0


class KeyUsedOtherwiseError(Exception):
    """The idempotency key was sent with another request."""


class StillWorkingError(Exception):
    """The same request is being worked on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered; ``is_replay``: it was answered before, and nothing was done."""

    status_code: int
    body: Any
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """Who sent which request under which key."""

    user_id: int
    key: str
    fingerprint: str


def answer_with(asked: KeyedRequest, perform: Callable[[], Answer], *, now: datetime) -> Answer:
    """Answer a request once; opens the transaction, in which ``perform`` does its work.

    The answer is kept with what was done, or neither is. A twin that comes meanwhile waits for
    the first and gets its answer. What ``perform`` raises undoes everything.

    :raises KeyUsedOtherwiseError: when the key came with another request.
    """
    with transaction.atomic():
        row = IdempotentAnswer(**asdict(asked), created_at=now)
        IdempotentAnswer.objects.bulk_create([row], ignore_conflicts=True)
        kept = _rows(asked).select_for_update(of=("self",)).get()
        if kept.status_code:
            return _replay(kept, asked)
        answer = perform()
        kept.status_code, kept.body = answer.status_code, answer.body
        kept.save(update_fields=["status_code", "body"])
    return answer


def answer_around(asked: KeyedRequest, perform: Callable[[], Answer], *, now: datetime) -> Answer:
    """Answer once a request whose work opens transactions of its own, and calls a gateway.

    The work must be safe to do twice by a key of its own: a process that dies between the work
    and the keeping of its answer leaves it undone here.

    :raises KeyUsedOtherwiseError: when the key came with another request.
    :raises StillWorkingError: when a twin takes longer than ten seconds.
    """
    with _turn(asked):
        known = _rows(asked).order_by("pk").first()
        if known is not None:
            return _replay(known, asked)
        answer = perform()
        IdempotentAnswer.objects.create(
            **asdict(asked), status_code=answer.status_code, body=answer.body, created_at=now
        )
    return answer


def delete_answers(*, before: datetime) -> int:
    """Delete the answers to requests that came ``before``; return how many.

    Such a request, sent again, is a new one: an order has its key for good.
    """
    return IdempotentAnswer.objects.filter(created_at__lt=before).delete()[0]


def _rows(asked: KeyedRequest) -> QuerySet[IdempotentAnswer]:
    return IdempotentAnswer.objects.filter(user_id=asked.user_id, key=asked.key)


def _replay(kept: IdempotentAnswer, asked: KeyedRequest) -> Answer:
    if kept.fingerprint != asked.fingerprint:
        raise KeyUsedOtherwiseError(asked.key)
    return Answer(kept.status_code, kept.body, is_replay=True)


@contextmanager
def _turn(asked: KeyedRequest) -> Iterator[None]:
    """Let twins pass one after the other; the lock ends with the session of a dead process."""
    digest = sha256(f"{asked.user_id}\n{asked.key}".encode()).digest()
    lock = int.from_bytes(digest[:8], signed=True)
    deadline = time.monotonic() + WAIT_SECONDS
    while not _ask("SELECT pg_try_advisory_lock(%s)", lock):
        if time.monotonic() > deadline:
            raise StillWorkingError(asked.key)
        time.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock(%s)", lock)


def _ask(statement: str, lock: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [lock])
        row = cursor.fetchone()
    return bool(row and row[0])
