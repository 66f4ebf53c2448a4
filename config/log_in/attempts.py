"""Where an attempt to log in counts."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest

from config.log_in import devices
from core.attempt_limits import AttemptLimit, of_account, of_address
from core.models import FailedAttempts
from core.operations.failed_attempts import Counter, digest, network_of
from core.request_rates import address_of

Scope = FailedAttempts.Scope


def counters(request: HttpRequest, name: str, *, user_id: int | None) -> list[Counter]:
    """Return where an attempt to log in with this name counts; ``user_id``: whose name it is.

    On a device from which the person has logged in before, only against that device: neither the
    attempts of strangers nor the colleagues at the same address keep the person out there. A name
    that nobody has counts as one that somebody has, so that the answer tells nothing.
    """
    mark = "" if user_id is None else devices.mark_of(request, user_id)
    if mark:
        return [Counter(Scope.DEVICE, digest(user_id, mark), account_limit(), user_id)]
    account = digest("nobody", name.casefold()) if user_id is None else digest(user_id)
    address = digest(network_of(address_of(request)))
    return [
        Counter(Scope.ACCOUNT, account, account_limit(), user_id),
        Counter(Scope.ADDRESS, address, address_limit()),
    ]


def account_limit() -> AttemptLimit:
    return of_account(settings.LOG_IN_FAILURES, _lock())


def address_limit() -> AttemptLimit:
    return of_address(settings.LOG_IN_FAILURES, _lock())


def _lock() -> timedelta:
    return timedelta(minutes=settings.LOG_IN_LOCK_MINUTES)
