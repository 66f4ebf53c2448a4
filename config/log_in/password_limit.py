"""Forms that are limited in how often they are sent: most compare a password."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.core.exceptions import ValidationError
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import ngettext

from core.callers import Caller
from core.formats import whole
from core.models import FailedAttempts, SecurityEvent
from core.operations import failed_attempts
from core.operations.failed_attempts import AttemptRefusal, Counter, SecretAttempt
from core.operations.security_events import count, record

Kind = SecurityEvent.Kind


@dataclass(frozen=True, slots=True)
class Secret:
    """What ``caller`` enters, of which ``kind`` it is if it is wrong, and for which ``name``."""

    caller: Caller
    kind: SecurityEvent.Kind
    name: str = ""


class LimitedForm:
    """Counts an attempt before a password is compared.

    ``retry_after`` is in how many seconds another attempt is allowed, where this one was not.
    """

    retry_after = 0

    @contextmanager
    def limited(
        self, secret: Secret, counters: Sequence[Counter], *, person_id: int | None = None
    ) -> Iterator[SecretAttempt]:
        """Count an attempt as wrong before the secret is compared within this.

        One that is wrong is a security event, and so is a lock that it begins. For one that is
        right call :func:`succeed`, within.

        :raises ValidationError: if there were too many; the secret is not to be compared.
        """
        attempt = self.begin(counters)
        try:
            yield attempt
        except ValidationError:
            count(secret.caller, secret.kind, person_id=person_id, name=secret.name)
            for lock in attempt.locks:
                where = {"scope": lock.scope}
                record(secret.caller, Kind.LOCKED, person_id=lock.user_id, detail=where)
            raise

    def begin(self, counters: Sequence[Counter]) -> SecretAttempt:
        """Count an attempt as wrong and return it.

        :raises ValidationError: if there were too many.
        """
        now = timezone.now()
        attempt = failed_attempts.begin(counters, now=now)
        if isinstance(attempt, AttemptRefusal):
            self.retry_after = max(ceil((attempt.until - now).total_seconds()), 1)
            raise ValidationError(self.refusal_words(attempt, self.retry_after))
        return attempt

    def refusal_words(self, refusal: AttemptRefusal, seconds: int) -> str:
        """Return why an attempt is not made, and when another one may be."""
        return _refusal_words(refusal, seconds)


def say_when(answer: HttpResponseBase, form: LimitedForm) -> None:
    """Say in the head of an answer that there were too many attempts, and until when."""
    if form.retry_after:
        answer.status_code = 429
        answer["Retry-After"] = str(form.retry_after)


def _refusal_words(refusal: AttemptRefusal, seconds: int) -> str:
    if not refusal.is_lock:
        sentence = ngettext(
            "Too many wrong attempts. Try again in %(count)s second.",
            "Too many wrong attempts. Try again in %(count)s seconds.",
            seconds,
        )
        return sentence % {"count": whole(seconds)}
    minutes = ceil(timedelta(seconds=seconds) / timedelta(minutes=1))
    if refusal.scope == FailedAttempts.Scope.ADDRESS:
        sentence = ngettext(
            "Too many wrong attempts came from your network. Log-in from there is locked for "
            "%(count)s minute.",
            "Too many wrong attempts came from your network. Log-in from there is locked for "
            "%(count)s minutes.",
            minutes,
        )
    else:
        sentence = ngettext(
            "Too many wrong attempts. Log-in is locked for %(count)s minute. A superuser can "
            "unlock it sooner.",
            "Too many wrong attempts. Log-in is locked for %(count)s minutes. A superuser can "
            "unlock it sooner.",
            minutes,
        )
    return sentence % {"count": whole(minutes)}
