"""Sends queued e-mails over a few connections at once; nothing is sent twice by itself."""

import logging
import smtplib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, transaction
from django.db import connection as database
from django.db.models import Q, QuerySet

from core.database_faults import is_passing
from core.models.queued_email import QueuedEmail
from core.pauses import doubling_pause
from core.smtp import OutcomeUnknownError

FIRST_PAUSE = timedelta(minutes=1)
MAX_ATTEMPTS = 10
# Longer than the slowest server may take over one e-mail, each of its answers timed out.
STRANDED_AFTER = timedelta(minutes=5)
# A claim older than this does not count as a connection in use: its sender is gone or stuck.
IN_USE_FOR = timedelta(minutes=1)
REFUSED_FOR_GOOD = 500
# A worker that is asked to stop has this long to end what it sends.
BATCH_SECONDS = 4.0
# Seconds between attempts to write what came of an e-mail.
RECORD_PAUSES = (0.5, 2.0, 5.0)

State = QueuedEmail.State
Email = TypeVar("Email", bound=QueuedEmail)
logger = logging.getLogger(__name__)


class _ServerDownError(Exception):
    """The server takes no e-mail of ours now, to any address."""


class _TextError(Exception):
    """The text of one e-mail could not be made."""


class _NotWrittenYetError(Exception):
    """The database was not there for the text of one e-mail, or somebody held its rows."""


def send_due(
    model: type[Email],
    *,
    now: datetime,
    write: Callable[[Sequence[Email]], Email | None] | None = None,
    collects: Q | None = None,
    connections: int = 1,
    seconds: float = BATCH_SECONDS,
) -> int:
    """Send the e-mails of ``model`` that are due at ``now``, and return how many were sent.

    At most ``connections`` are sent at once, by however many senders; with one, no thread is
    started. ``collects`` says which rows begin an e-mail, in which those that are due and have the
    same ``COLLECTED_BY`` go with them; without it each is sent by itself. ``write`` gets what is
    claimed together, oldest first, and returns the one that is sent for all, with its subject and
    text; None where nothing is to be sent. No e-mail is begun after ``seconds``. Each is claimed in
    a transaction of its own before it is sent, so that no other sender takes it. An e-mail that the
    server refuses for good (5xx) is FAILED at once; other refusals, a server that is down, and a
    fault of the database that passes, are tried again after a pause that doubles (a minute, two,
    four …), ten times at most. Where the server's answer was lost the e-mail is UNKNOWN.

    Rule: Notices to customers, sent after the commit, at most once per event.
    """
    begun = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - begun)

    _find_stranded(model, now=now)

    def send() -> int:
        claim = partial(_claimed, model, collects, connections=connections)
        return _send_until(claim, write, clock, deadline=begun + seconds)

    if connections == 1:
        return send()
    with ThreadPoolExecutor(connections, thread_name_prefix="mail") as pool:
        parts = [pool.submit(_closing_database, send) for _ in range(connections)]
    return sum(part.result() for part in parts)


def send_again(model: type[QueuedEmail], *, keys: list[int], now: datetime) -> int:
    """Queue e-mails that failed, or whose outcome is unknown, once more; return how many.

    Those that were sent with them go with them again. Those in any other state are left alone.
    Opens the transaction.
    """
    chosen = Q(pk__in=keys)
    if model.COLLECTED_BY:
        chosen |= Q(collected_in__in=keys)
    return model._default_manager.filter(chosen, state__in=QueuedEmail.TROUBLED).update(
        state=State.QUEUED, attempt_count=0, next_attempt_at=now, last_error=""
    )


def _closing_database(send: Callable[[], int]) -> int:
    """Run ``send`` in a thread, whose connection to the database ends with it."""
    try:
        return send()
    finally:
        database.close()


def _find_stranded(model: type[QueuedEmail], *, now: datetime) -> None:
    """Say of e-mails whose sender never came back that their outcome is unknown."""
    stranded = model._default_manager.filter(
        state=State.SENDING, claimed_at__lt=now - STRANDED_AFTER
    )
    count = stranded.update(state=State.UNKNOWN)
    if count:
        logger.warning("%d e-mails were being sent when their sender stopped", count)


def _send_until(
    claim: Callable[..., list[Email]],
    write: Callable[[Sequence[Email]], Email | None] | None,
    clock: Callable[[], datetime],
    *,
    deadline: float,
) -> int:
    sent = 0
    with _Connection() as line:
        while time.monotonic() < deadline:
            claimed = claim(now=clock())
            if not claimed:
                break
            email = claimed[0]
            try:
                written = _written(claimed, write)
                if written is None:
                    continue
                email = written
                line.send(email)
            except _ServerDownError as error:
                _try_later(email, str(error), now=clock())
                break
            except _NotWrittenYetError as error:
                _try_later(email, str(error), now=clock())
            except OutcomeUnknownError as error:
                _record(email, state=State.UNKNOWN, last_error=str(error)[:500])
            except smtplib.SMTPException as error:
                _refused(email, error, now=clock())
            except (_TextError, ValueError) as error:
                # An address or a text that cannot be written into a message.
                _record(email, state=State.FAILED, last_error=str(error)[:500])
            else:
                _record(email, state=State.SENT, sent_at=clock(), last_error="")
                sent += 1
    return sent


def _claimed(
    model: type[Email], collects: Q | None, *, now: datetime, connections: int
) -> list[Email]:
    """Return the next e-mail that is due and what goes with it, claimed, oldest first.

    Nothing where all connections are in use.
    """
    rows = model._default_manager
    with transaction.atomic():
        with database.cursor() as cursor:
            # Two senders at once would both see the last connection unused, or share the rows of
            # one e-mail and send two.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [model._meta.db_table])
        in_use = rows.filter(state=State.SENDING, claimed_at__gt=now - IN_USE_FOR)
        if model.COLLECTED_BY:
            in_use = in_use.filter(collected_in=None)
        if in_use.count() >= connections:
            return []
        due = (
            rows.filter(state=State.QUEUED, next_attempt_at__lte=now)
            # Without a name Django would follow every key: None follows none.
            .select_related(*(model.WRITTEN_FROM or [None]))
            .select_for_update(skip_locked=True, of=("self",))
        )
        first = due.filter(collects or Q()).order_by("next_attempt_at", "pk").first()
        if first is None:
            return []
        emails = [first, *(() if collects is None else _going_with(first, due))]
        return _as_claimed(sorted(emails, key=lambda email: email.pk), now=now)


def _going_with(first: Email, due: "QuerySet[Email]") -> "QuerySet[Email]":
    """Return the other rows that are due and belong in the e-mail of ``first``."""
    shared = {name: getattr(first, name) for name in first.COLLECTED_BY}
    return due.filter(**shared).exclude(pk=first.pk)


def _as_claimed(emails: list[Email], *, now: datetime) -> list[Email]:
    """Save that rows are being sent as one e-mail, the oldest for all."""
    columns = ["state", "attempt_count", "claimed_at"]
    for email in emails:
        email.state = State.SENDING
        email.attempt_count += 1
        email.claimed_at = now
        if email.COLLECTED_BY:
            others = [*columns, "collected_in"]
            vars(email)["collected_in_id"] = None if email is emails[0] else emails[0].pk
        email.save(update_fields=others if email.COLLECTED_BY else columns)
    return emails


def _written(
    claimed: Sequence[Email], write: Callable[[Sequence[Email]], Email | None] | None
) -> Email | None:
    """Return the e-mail that is sent for what was claimed, with its text; None for nothing."""
    if write is None:
        return claimed[0]
    try:
        return write(claimed)
    except Exception as error:
        pk = claimed[0].pk
        if is_passing(error):
            logger.warning("The text of e-mail %s is made later", pk, exc_info=True)
            raise _NotWrittenYetError(f"{type(error).__name__}: {error}") from error
        # Recorded at this e-mail and logged; the others are sent all the same.
        logger.exception("The text of e-mail %s could not be made", pk)
        raise _TextError(f"{type(error).__name__}: {error}") from error


def _record(email: QueuedEmail, **columns: object) -> None:
    """Write what came of an attempt, unless somebody has decided about the e-mail since.

    A database that is away for some seconds makes no e-mail one whose outcome is unknown.
    """
    sent = Q(pk=email.pk)
    if email.COLLECTED_BY:
        sent |= Q(collected_in=email.pk)
    rows = type(email)._default_manager.filter(
        sent, claimed_at=email.claimed_at, state__in=[State.SENDING, State.UNKNOWN]
    )
    for pause in RECORD_PAUSES:
        _leave_lost_connection()
        try:
            rows.update(**columns)
            return
        except DatabaseError as error:
            if database.in_atomic_block or not is_passing(error):
                raise
            logger.warning("What came of e-mail %s is written later", email.pk, exc_info=True)
        time.sleep(pause)
    _leave_lost_connection()
    rows.update(**columns)


def _leave_lost_connection() -> None:
    """Close a connection that was lost: the next question makes another."""
    if not database.in_atomic_block:
        database.close_if_unusable_or_obsolete()


def _try_later(email: QueuedEmail, error: str, *, now: datetime) -> None:
    is_last = email.attempt_count >= MAX_ATTEMPTS
    _record(
        email,
        state=State.FAILED if is_last else State.QUEUED,
        last_error=error[:500],
        next_attempt_at=now + doubling_pause(email.attempt_count, first=FIRST_PAUSE),
    )


def _refused(email: QueuedEmail, error: smtplib.SMTPException, *, now: datetime) -> None:
    if is_for_good(error):
        _record(email, state=State.FAILED, last_error=str(error)[:500])
    else:
        _try_later(email, str(error), now=now)


def is_for_good(error: Exception) -> bool:
    """Whether the server refused this e-mail, or its recipient, with a final answer (5xx)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= REFUSED_FOR_GOOD for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= REFUSED_FOR_GOOD
    # The recipient's address needs what the server does not offer.
    return isinstance(error, smtplib.SMTPNotSupportedError)


class _Connection:
    """One connection to the mail server, kept open from e-mail to e-mail."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend = get_connection()
        self._is_open = False

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    def send(self, email: QueuedEmail) -> None:
        """Send ``email``; a connection that ended while it was idle is opened once more.

        :raises _ServerDownError: where no connection can be had, or our own address is refused.
        """
        was_open = self._is_open
        try:
            self._send(email)
        except OutcomeUnknownError:
            self._close()
            raise
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPSenderRefused) as error:
            self._close()
            if not was_open:
                raise _ServerDownError(str(error)) from error
            self.send(email)
        except smtplib.SMTPException:
            raise
        except OSError as error:
            self._close()
            raise _ServerDownError(str(error)) from error

    def _send(self, email: QueuedEmail) -> None:
        if not self._is_open:
            self._open()
        message = EmailMultiAlternatives(
            subject=email.subject,
            body=email.body,
            to=[email.recipient],
            headers=email.headers(),
            connection=self._backend,
        )
        if html := email.html():
            message.attach_alternative(html, "text/html")
        message.send()

    def _open(self) -> None:
        try:
            self._backend.open()
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            raise _ServerDownError(str(error)) from error
        self._is_open = True

    def _close(self) -> None:
        self._is_open = False
        self._backend.close()
