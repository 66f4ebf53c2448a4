"""The users who receive a digest, by the language that they read."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet

from core.models import PersonLanguage

PERMISSIONS = "django.contrib.auth.backends.ModelBackend"


def digest_readers(permission: str) -> QuerySet[User]:
    """Return the active users with an address who have ``permission`` by a role or themselves."""
    permitted = User.objects.with_perm(permission, include_superusers=False, backend=PERMISSIONS)
    return permitted.exclude(email="").order_by("pk")


def addresses_by_language(permission: str) -> dict[str, list[str]]:
    """Return the addresses of the readers by language: the person's own, else the site's."""
    own = dict(PersonLanguage.objects.values_list("user", "language"))
    found: dict[str, set[str]] = {}
    for user in digest_readers(permission):
        found.setdefault(own.get(user.pk, settings.LANGUAGE_CODE), set()).add(user.email)
    return {language: sorted(found[language]) for language in sorted(found)}
