"""The security events of log-ins."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from config.last_visit import is_over
from config.log_in.second_factor import FACTORS, factor_name
from core.callers import caller_of
from core.models import SecurityEvent
from core.operations.account_emails import record_and_inform
from core.operations.security_events import record

Kind = SecurityEvent.Kind


@receiver(user_logged_in)
def record_log_in(request: HttpRequest, user: User, **_values: Any) -> None:
    record(caller_of(request), Kind.LOGGED_IN, person_id=user.pk)


@receiver(user_logged_out)
def record_log_out(request: HttpRequest, user: User | None, **_values: Any) -> None:
    """Write that a person logged out, or that the session was as old as one may be."""
    if user is None:
        return
    if is_over(request):
        record(caller_of(request), Kind.SESSION_ENDED, person_id=user.pk, detail={"cause": "age"})
    else:
        record(caller_of(request), Kind.LOGGED_OUT, person_id=user.pk)


@receiver(authenticator_added)
def record_factor(
    request: HttpRequest, user: User, authenticator: Authenticator, **_values: Any
) -> None:
    caller = caller_of(request)
    if authenticator.type in FACTORS:
        kind = Kind.FACTOR_ADDED
        record_and_inform(caller, kind, person_id=user.pk, name=factor_name(authenticator))
    else:
        record(caller, Kind.CODES_RENEWED, person_id=user.pk)


@receiver(authenticator_removed)
def record_removed_factor(
    request: HttpRequest, user: User, authenticator: Authenticator, **_values: Any
) -> None:
    """Write that a factor was removed; recovery codes go with the last one."""
    if authenticator.type in FACTORS:
        kind, name = Kind.FACTOR_REMOVED, factor_name(authenticator)
        record_and_inform(caller_of(request), kind, person_id=user.pk, name=name)


@receiver(authenticator_reset)
def record_new_codes(request: HttpRequest, user: User, **_values: Any) -> None:
    record(caller_of(request), Kind.CODES_RENEWED, person_id=user.pk)


@receiver(authenticator_used)
def record_used_code(
    request: HttpRequest, user: User, authenticator: Authenticator, **_values: Any
) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record(caller_of(request), Kind.CODE_USED, person_id=user.pk)
