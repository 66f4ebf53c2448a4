"""Where an attempt to log in counts."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest

from config.log_in import devices
from core.attempt_limits import ADDRESS_FACTOR, AttemptLimit, of_account, of_address
from core.models import FailedAttempts
from core.network_addresses import address_of, network_of
from core.operations.failed_attempts import Counter, digest

Scope = FailedAttempts.Scope
# How often a new password may be asked for by e-mail before a lock.
RESETS = 3


def counters(request: HttpRequest, name: str, *, user_ids: Sequence[int]) -> list[Counter]:
    """Return where an attempt to log in with this name counts; ``user_ids``: whose name it is.

    On a device from which the person has logged in before, only against that device: neither the
    attempts of strangers nor the colleagues at the same address keep the person out there. A name
    of several, as an e-mail address that they share, counts for each of them, as the password is
    compared with the password of each, and for the address. A name that nobody has counts as one
    that somebody has, so that the answer tells nothing.
    """
    accounts = [_of_person(request, user_id) for user_id in user_ids]
    if not accounts:
        nobody = digest("nobody", name.casefold())
        accounts = [Counter(Scope.ACCOUNT, nobody, account_limit())]
    if len(accounts) == 1 and accounts[0].scope == Scope.DEVICE:
        return accounts
    address = digest(network_of(address_of(request)))
    return [*accounts, Counter(Scope.ADDRESS, address, address_limit())]


def of_own_password(user_id: int) -> Counter:
    """Return where the old password counts that a person enters to change it.

    It is none of the log-in's: strangers who lock an account keep nobody from a new password.
    """
    return Counter(Scope.DEVICE, digest(user_id, "own password"), account_limit(), user_id)


def of_second_factor(request: HttpRequest, user_id: int) -> Counter:
    """Return where the codes of a second factor count.

    On a device from which the person has logged in before, only against that device: who knows the
    password, and guesses, keeps the person out on other devices alone.
    """
    subject = digest(user_id, "second factor", devices.mark_of(request, user_id))
    return Counter(Scope.SECOND_FACTOR, subject, account_limit(), user_id)


def of_new_password(request: HttpRequest, email: str) -> list[Counter]:
    """Return where it counts that a new password is asked for; ``email``: for which address.

    Each is an e-mail to somebody. An address that nobody has counts as one that somebody has.
    """
    # Letters that only look alike, as the ı without its dot, find the same account.
    spelled = email.upper().lower()
    network = network_of(address_of(request))
    return [
        Counter(Scope.RESET, digest("reset", spelled), _reset_limit(RESETS)),
        Counter(Scope.RESET_ADDRESS, digest(network), _reset_limit(RESETS * ADDRESS_FACTOR)),
    ]


def _reset_limit(count: int) -> AttemptLimit:
    return AttemptLimit(free=count, locked_at=count, lock=_lock(), starts_over=True)


def _of_person(request: HttpRequest, user_id: int) -> Counter:
    if mark := devices.mark_of(request, user_id):
        return Counter(Scope.DEVICE, digest(user_id, mark), account_limit(), user_id)
    return Counter(Scope.ACCOUNT, digest(user_id), account_limit(), user_id)


def account_limit() -> AttemptLimit:
    return of_account(settings.LOG_IN_FAILURES, _lock())


def address_limit() -> AttemptLimit:
    return of_address(settings.LOG_IN_FAILURES, _lock())


def _lock() -> timedelta:
    return timedelta(minutes=settings.LOG_IN_LOCK_MINUTES)
