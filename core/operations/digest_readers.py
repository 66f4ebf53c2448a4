"""The users who receive a digest: permitted, with an address, not unsubscribed."""

from collections.abc import Collection

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from core.models import PersonLanguage, StaffDigest, Unsubscription

PERMISSIONS = "django.contrib.auth.backends.ModelBackend"
Digest = type[StaffDigest]


def digest_readers(digest: Digest) -> QuerySet[User]:
    """Return the active users with an address who receive ``digest``, by a role or themselves."""
    unsubscribed = Unsubscription.objects.filter(digest=digest._meta.label_lower)
    return _permitted(digest).exclude(email="").exclude(pk__in=unsubscribed.values("user"))


def addresses_by_language(digest: Digest) -> dict[str, list[str]]:
    """Return the addresses of the readers by language: the person's own, else the site's."""
    own = dict(PersonLanguage.objects.values_list("user", "language"))
    found: dict[str, set[str]] = {}
    for user in digest_readers(digest):
        found.setdefault(own.get(user.pk, settings.LANGUAGE_CODE), set()).add(user.email)
    return {language: sorted(found[language]) for language in sorted(found)}


def choices_of(user_id: int) -> dict[Digest, bool]:
    """Return the digests that a user may receive, each with whether the user wants it."""
    declined = set(
        Unsubscription.objects.filter(user=user_id).values_list("digest", flat=True).order_by()
    )
    return {
        digest: digest._meta.label_lower not in declined
        for digest in _digests()
        if _permitted(digest).filter(pk=user_id).exists()
    }


def choose(user_id: int, wanted: Collection[str]) -> None:
    """Subscribe a user to the ``wanted`` digests, by their models, and unsubscribe from the others.

    Those that the user may not receive stay as they are. Opens the transaction.
    """
    with transaction.atomic():
        offered = {digest._meta.label_lower for digest in choices_of(user_id)}
        Unsubscription.objects.filter(user=user_id, digest__in=offered & set(wanted)).delete()
        _unsubscribe([user_id], offered - set(wanted))


def unsubscribe_reader(digest: Digest, *, email_id: int) -> None:
    """Unsubscribe the users who have the address that an e-mail went to; twice is as once."""
    addresses = digest._default_manager.filter(pk=email_id).values("recipient")
    users = User.objects.filter(email__in=addresses).values_list("pk", flat=True)
    _unsubscribe(users.order_by("pk"), [digest._meta.label_lower])


def _unsubscribe(users: Collection[int] | QuerySet[User, int], digests: Collection[str]) -> None:
    Unsubscription.objects.bulk_create(
        [Unsubscription(user_id=user, digest=digest) for user in users for digest in digests],
        ignore_conflicts=True,
    )


def _digests() -> list[Digest]:
    return [model for model in apps.get_models() if issubclass(model, StaffDigest)]


def _permitted(digest: Digest) -> QuerySet[User]:
    permission = digest.receive_permission()
    users = User.objects.with_perm(permission, include_superusers=False, backend=PERMISSIONS)
    return users.order_by("pk")
