"""The links from accounts to the company's log-in: seen, taken away."""

from collections.abc import Collection

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.db import transaction

from core.callers import Caller
from core.models import SecurityEvent
from core.operations.security_events import record
from core.operations.web_sessions import end_sessions


def company_link(user_id: int) -> SocialAccount | None:
    """Return the newest link of an account to the company's log-in."""
    return SocialAccount.objects.filter(user=user_id).order_by("-pk").first()


def unlink_company(
    caller: Caller, user_ids: Collection[int], *, except_key: str = ""
) -> tuple[list[User], list[User]]:
    """Unlink accounts from the company's log-in; return whose were, and whose stay linked.

    Those without a password stay: nothing else lets them in. The sessions of who was unlinked end,
    but the one with ``except_key``. Opens the transaction.
    """
    with transaction.atomic():
        linked = User.objects.filter(socialaccount__isnull=False, pk__in=user_ids).distinct()
        people = User.objects.filter(pk__in=linked.values("pk")).order_by("pk")
        found = list(people.select_for_update())
        unlinked = [person for person in found if person.has_usable_password()]
        for person in unlinked:
            SocialAccount.objects.filter(user=person).delete()
            record(caller, SecurityEvent.Kind.COMPANY_UNLINKED, person_id=person.pk)
            end_sessions(person.pk, except_key=except_key)
    return unlinked, [person for person in found if person not in unlinked]
