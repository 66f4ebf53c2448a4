"""Who needs a second factor to log in.

Who has none is led to the page where it is set up, until there is one.

Rule: People, two factors can be required per role (domain.md §24).
"""

from collections.abc import Callable, Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from core.callers import Caller
from core.models import SecurityEvent
from core.operations.account_emails import record_and_inform
from core.operations.web_sessions import end_sessions

# What SECOND_FACTOR_FOR may say beside the names of roles.
NOBODY, EVERYBODY, POWERS = "nobody", "everybody", "powers"
# Who may do one of these changes money, people or schedules, or reads all about a person. A
# superuser may do all.
# A key may be made for anybody, and has no second factor.
POWERFUL = (
    "orders.cancel_order",
    "orders.refund_order",
    "orders.change_paymentoperation",
    "auth.add_user",
    "auth.change_user",
    "auth.delete_user",
    "core.add_apikey",
    "core.manage_personaldata",
    "fulfillment.add_scheduledwork",
    "fulfillment.change_scheduledwork",
    "fulfillment.delete_scheduledwork",
)
# Recovery codes are no factor of their own: they stand in for one.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Where a session keeps that its person has one, so that pages need not ask.
KEY = "has_second_factor"
# Where it keeps, between the two steps of a log-in, of which password the first was.
PASSWORD_KEY = "first_step_password"  # noqa: S105 - the name of a key.
OPEN_PAGES = {"login", "logout", "password_change", "password_change_done", "jsi18n"}


def needs_second_factor(person: User) -> bool:
    """Return whether a person's roles or permissions need a second factor, as configured."""
    wanted = settings.SECOND_FACTOR_FOR
    if NOBODY in wanted:
        return False
    if EVERYBODY in wanted:
        return True
    if POWERS in wanted and any(map(person.has_perm, POWERFUL)):
        return True
    names = [name for name in wanted if name != POWERS]
    return bool(names) and person.groups.filter(name__in=names).exists()


def factors_of(user_id: int) -> int:
    """Return how many second factors a person has, recovery codes not counted."""
    return Authenticator.objects.filter(user=user_id, type__in=FACTORS).count()


def remove_factors(caller: Caller, user_ids: list[int], *, except_key: str = "") -> int:
    """Take away all second factors of people, who have lost them; return of how many people.

    They are informed. Their sessions end, too, but the one with ``except_key``. Who needs a second
    factor sets one up at the next log-in. Opens the transaction.
    """
    with transaction.atomic():
        found = Authenticator.objects.filter(user__in=user_ids)
        people = sorted(set(found.values_list("user", flat=True)))
        for factor in found.filter(type__in=FACTORS).order_by("pk"):
            kind, name = SecurityEvent.Kind.FACTOR_REMOVED, factor_name(factor)
            record_and_inform(caller, kind, person_id=factor.user_id, name=name)
        found.delete()
        for user_id in people:
            end_sessions(user_id, except_key=except_key)
    return len(people)


def factor_name(factor: Authenticator) -> str:
    """Return what a person calls a factor: a passkey has a name."""
    if factor.type == Authenticator.Type.WEBAUTHN:
        return str(factor.wrap())
    return str(factor.get_type_display())


class SecondFactorMiddleware:
    """Leads who needs a second factor, and has none, to the page where it is set up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _arguments: Any, _named: Mapping[str, Any]
    ) -> HttpResponseBase | None:
        page = request.resolver_match
        is_closed = (
            page is not None and page.namespace == "admin" and page.url_name not in OPEN_PAGES
        )
        if is_closed and _lacks_factor(request):
            return HttpResponseRedirect(reverse("mfa_index"))
        return None


def _lacks_factor(request: HttpRequest) -> bool:
    if NOBODY in settings.SECOND_FACTOR_FOR or not isinstance(request.user, User):
        return False
    if request.session.get(KEY) or not needs_second_factor(request.user):
        return False
    request.session[KEY] = bool(factors_of(request.user.pk))
    return not request.session[KEY]


@receiver(authenticator_added)
def end_weaker_sessions(
    request: HttpRequest, user: User, authenticator: Authenticator, **_values: Any
) -> None:
    """End the other sessions of a person, which may have begun without a second factor."""
    if authenticator.type in FACTORS:
        end_sessions(user.pk, except_key=str(request.session.session_key))
