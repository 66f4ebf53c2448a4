"""Whose account it is when somebody has logged in at the company's provider."""

from collections.abc import Collection
from enum import Enum

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from config.open_id.claims import Identity
from core.callers import Caller
from core.models import SecurityEvent
from core.operations.security_events import record


class RefusedLogIn(Enum):
    """Why a person is not let in."""

    NOT_COMPLETED = "not completed"
    TOO_LATE = "too late"
    TOO_MANY = "too many"
    PROVIDER = "provider"
    NO_ACCOUNT = "no account"
    UNVERIFIED = "unverified"
    SEVERAL = "several"
    OTHER_PERSON = "other person"
    NAME = "name"
    CLOSED = "closed"


class NotLetInError(Exception):
    """Nobody is logged in, for the reason that is named; ``person_id``: whose account it is."""

    def __init__(self, reason: RefusedLogIn, *, person_id: int | None = None) -> None:
        super().__init__(reason.value)
        self.reason, self.person_id = reason, person_id


def person_of(identity: Identity, caller: Caller) -> User:
    """Return the person who logged in: known from before, found by e-mail, or with a new account.

    Roles are as the provider says, if it says so: what it changes is a security event. ``caller``
    sends the request. Opens a transaction.

    :raises NotLetInError: if there is no account, or it may not open the back office.
    """
    try:
        return _person_of(identity, caller)
    except IntegrityError:
        # Another log-in of the same person was faster.
        return _person_of(identity, caller)


def _person_of(identity: Identity, caller: Caller) -> User:
    with transaction.atomic():
        person = _linked(identity) or _found(identity, caller) or _made(identity, caller)
        if not (person.is_active and person.is_staff):
            raise NotLetInError(RefusedLogIn.CLOSED, person_id=person.pk)
        if identity.roles is not None:
            _give_roles(person, identity.roles, caller, named_by=identity.issuer)
    return person


def _give_roles(person: User, names: Collection[str], caller: Caller, *, named_by: str) -> None:
    """Make a person's roles those that the provider says; write what that gave and took."""
    _held(User.objects.filter(pk=person.pk))
    before = set(person.groups.values_list("name", flat=True))
    wanted = Group.objects.filter(name__in=names)
    after = {role.name for role in wanted}
    person.groups.set(wanted)
    found = {"given": sorted(after - before), "taken": sorted(before - after)}
    if detail := {key: roles for key, roles in found.items() if roles}:
        kind = SecurityEvent.Kind.USER_CHANGED
        record(caller, kind, person_id=person.pk, name=named_by, detail=detail)


def _held(people: QuerySet[User]) -> list[User]:
    """Return at most two of the people, locked: no other log-in links or changes them meanwhile."""
    return list(people.select_for_update(no_key=True).order_by("pk")[:2])


def _linked(identity: Identity) -> User | None:
    links = SocialAccount.objects.filter(provider=identity.issuer, uid=identity.subject)
    link = links.select_related("user").first()
    return None if link is None else link.user


def _found(identity: Identity, caller: Caller) -> User | None:
    """Return whose e-mail address the provider has verified, and link the account from now on."""
    if not identity.email:
        return None
    people = _held(User.objects.filter(email__iexact=identity.email))
    if not people:
        return None
    if len(people) > 1:
        raise NotLetInError(RefusedLogIn.SEVERAL)
    [person] = people
    links = SocialAccount.objects.filter(provider=identity.issuer, user=person)
    subjects = set(links.values_list("uid", flat=True))
    if not subjects:
        _link(person, identity, caller)
    elif identity.subject not in subjects:
        # The address was given to another person there.
        raise NotLetInError(RefusedLogIn.OTHER_PERSON, person_id=person.pk)
    return person


def _made(identity: Identity, caller: Caller) -> User:
    if not settings.OIDC_MAKES_ACCOUNTS:
        raise NotLetInError(RefusedLogIn.NO_ACCOUNT if identity.email else RefusedLogIn.UNVERIFIED)
    person = User(
        username=identity.username,
        email=identity.email,
        first_name=identity.first_name,
        last_name=identity.last_name,
        is_staff=True,
    )
    person.set_unusable_password()
    if User.objects.filter(username__iexact=identity.username).exists():
        raise NotLetInError(RefusedLogIn.NAME)
    try:
        person.full_clean()
    except ValidationError as error:
        raise NotLetInError(RefusedLogIn.NAME) from error
    person.save()
    record(caller, SecurityEvent.Kind.USER_ADDED, person_id=person.pk, name=identity.issuer)
    _link(person, identity, caller)
    return person


def _link(person: User, identity: Identity, caller: Caller) -> None:
    kind = SecurityEvent.Kind.COMPANY_LINKED
    record(caller, kind, person_id=person.pk, name=identity.issuer)
    SocialAccount.objects.create(user=person, provider=identity.issuer, uid=identity.subject)
