"""Whose account it is when somebody has logged in at the company's provider."""

from enum import Enum

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from config.open_id.claims import Identity


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
    """Nobody is logged in, for the reason that is named."""

    def __init__(self, reason: RefusedLogIn) -> None:
        super().__init__(reason.value)
        self.reason = reason


def person_of(identity: Identity) -> User:
    """Return the person who logged in: known from before, found by e-mail, or with a new account.

    Roles are as the provider says, if it says so. Opens a transaction.

    :raises NotLetInError: if there is no account, or it may not open the back office.
    """
    try:
        return _person_of(identity)
    except IntegrityError:
        # Another log-in of the same person was faster.
        return _person_of(identity)


def _person_of(identity: Identity) -> User:
    with transaction.atomic():
        person = _linked(identity) or _found(identity) or _made(identity)
        if not (person.is_active and person.is_staff):
            raise NotLetInError(RefusedLogIn.CLOSED)
        if identity.roles is not None:
            person.groups.set(Group.objects.filter(name__in=identity.roles))
    return person


def _linked(identity: Identity) -> User | None:
    links = SocialAccount.objects.filter(provider=identity.issuer, uid=identity.subject)
    link = links.select_related("user").first()
    return None if link is None else link.user


def _found(identity: Identity) -> User | None:
    """Return whose e-mail address the provider has verified, and link the account from now on."""
    if not identity.email:
        return None
    people = list(User.objects.filter(email__iexact=identity.email).order_by("pk")[:2])
    if not people:
        return None
    if len(people) > 1:
        raise NotLetInError(RefusedLogIn.SEVERAL)
    [person] = people
    if SocialAccount.objects.filter(provider=identity.issuer, user=person).exists():
        # The address was given to another person there.
        raise NotLetInError(RefusedLogIn.OTHER_PERSON)
    _link(person, identity)
    return person


def _made(identity: Identity) -> User:
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
    _link(person, identity)
    return person


def _link(person: User, identity: Identity) -> None:
    SocialAccount.objects.create(user=person, provider=identity.issuer, uid=identity.subject)
