"""Counts the wrong attempts on an account, or from an address, that are made in a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from core.attempt_limits import FORGOTTEN_AFTER, AttemptLimit, counted, open_at
from core.callers import Caller
from core.models import FailedAttempts, SecurityEvent
from core.operations.security_events import record


@dataclass(frozen=True, slots=True)
class Counter:
    """Where an attempt counts, and with which limit; ``user_id``: whose account it is."""

    scope: FailedAttempts.Scope
    subject: str
    limit: AttemptLimit
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class AttemptRefusal:
    """The attempt is not made: before ``until`` no other is; ``is_lock``: too many were wrong.

    ``scope`` is where they counted.
    """

    until: datetime
    is_lock: bool
    scope: FailedAttempts.Scope


@dataclass(frozen=True, slots=True)
class SecretAttempt:
    """An attempt that may be made: it counts as wrong until :func:`succeed` takes it back.

    ``former`` is when the last one before it was made, of each counter; ``locks`` are the counters
    whose limit it reaches if it is wrong.
    """

    made_at: datetime
    former: Mapping[Counter, datetime]
    locks: Sequence[Counter] = ()


def digest(*words: object) -> str:
    """Return the subject of what is named by ``words``."""
    return sha256("\n".join(map(str, words)).encode("utf-8", "surrogatepass")).hexdigest()


def begin(counters: Sequence[Counter], *, now: datetime) -> SecretAttempt | AttemptRefusal:
    """Count an attempt as wrong before it is made; return it, or why it is not to be made.

    An attempt counts before the secret is compared, so that many at once are no more than one
    after the other: :func:`succeed` takes it back. One that is refused does not count, and
    writes nothing. Opens the transaction.

    Rule: failed log-ins slow down and then lock, per account and per address (domain.md §24).
    """
    with transaction.atomic():
        rows = _locked(counters, now=now)
        for counter, row in zip(counters, rows, strict=True):
            limit, last_at = counter.limit, row.last_at
            row.count = counted(limit, count=row.count, last_at=last_at, now=now)
            until = open_at(limit, count=row.count, last_at=last_at)
            # Without a pause it is the last attempt, which another thread may have made since.
            if row.count and until > max(now, last_at):
                # The rows that were made for the names which are tried would fill the table.
                transaction.set_rollback(True)
                is_lock = row.count >= limit.locked_at
                return AttemptRefusal(until, is_lock=is_lock, scope=counter.scope)
        former = {counter: row.last_at for counter, row in zip(counters, rows, strict=True)}
        for counter, row in zip(counters, rows, strict=True):
            row.count += 1
            row.last_at = max(now, row.last_at)
            if counter.user_id is not None and row.count == counter.limit.locked_at:
                row.is_notice_due = True
        FailedAttempts.objects.bulk_update(rows, ["count", "last_at", "is_notice_due"])
    paired = zip(counters, rows, strict=True)
    locks = [counter for counter, row in paired if row.count == counter.limit.locked_at]
    return SecretAttempt(now, former, locks)


def succeed(attempt: SecretAttempt, *, user_id: int) -> None:
    """Take back an attempt that :func:`begin` counted: it was right, for this user.

    What counted against the user's account is forgotten. Against an address, and the accounts of
    others who share the name, only this one is: else who has one password could try others
    without end. Their pauses and locks go on as if it had not been made. Opens the transaction.
    """
    with transaction.atomic():
        for counter in sorted(attempt.former, key=_key):
            row = FailedAttempts.objects.filter(scope=counter.scope, subject=counter.subject)
            if counter.user_id == user_id:
                row.delete()
            else:
                _take_back(row, counter, attempt)


def _take_back(row: QuerySet[FailedAttempts], counter: Counter, attempt: SecretAttempt) -> None:
    former = Value(attempt.former[counter])
    row.filter(count__gt=0).update(
        count=F("count") - 1,
        # Another one may have been made since.
        last_at=Case(When(last_at=attempt.made_at, then=former), default=F("last_at")),
        # Nobody is informed of a lock that this attempt alone would have been.
        is_notice_due=Case(
            When(count=counter.limit.locked_at, then=Value(False)), default=F("is_notice_due")
        ),
    )


def unlock(caller: Caller, user_ids: Sequence[int]) -> int:
    """Forget the wrong attempts on these accounts; return on how many there were some.

    Opens the transaction.
    """
    with transaction.atomic():
        counts = FailedAttempts.objects.filter(user_id__in=user_ids)
        people = sorted(set(counts.values_list("user_id", flat=True)))
        counts.delete()
        for user_id in people:
            record(caller, SecurityEvent.Kind.UNLOCKED, person_id=user_id)
    return len(people)


def forget_wrong_passwords(user_id: int) -> None:
    """Forget the wrong passwords of a person who has a new one; wrong codes still count."""
    scopes = (FailedAttempts.Scope.ACCOUNT, FailedAttempts.Scope.DEVICE)
    FailedAttempts.objects.filter(user_id=user_id, scope__in=scopes).delete()


def locked_until(user_id: int, *, limit: AttemptLimit, now: datetime) -> datetime | None:
    """Return until when an account is locked on some device; None if it is not."""
    rows = FailedAttempts.objects.filter(user_id=user_id, count__gte=limit.locked_at)
    until = max((row.last_at + limit.lock for row in rows), default=now)
    return until if until > now else None


def delete_forgotten(*, now: datetime) -> int:
    """Delete the counts that no longer count; return how many."""
    return FailedAttempts.objects.filter(last_at__lte=now - FORGOTTEN_AFTER).delete()[0]


def _key(counter: Counter) -> tuple[str, str]:
    return counter.scope, counter.subject


def _locked(counters: Sequence[Counter], *, now: datetime) -> list[FailedAttempts]:
    """Return the row of each counter under lock, locked in the order of their keys."""
    FailedAttempts.objects.bulk_create(
        [
            FailedAttempts(
                scope=counter.scope,
                subject=counter.subject,
                user_id=counter.user_id,
                last_at=now,
                count=0,
                is_notice_due=False,
            )
            for counter in sorted(counters, key=_key)
        ],
        # A row that is there is locked by this, so that nobody deletes it before it is read.
        update_conflicts=True,
        unique_fields=["scope", "subject"],
        update_fields=["user"],
    )
    asked = Q()
    for counter in counters:
        asked |= Q(scope=counter.scope, subject=counter.subject)
    found = {(row.scope, row.subject): row for row in FailedAttempts.objects.filter(asked)}
    return [found[_key(counter)] for counter in counters]
