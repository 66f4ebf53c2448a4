"""Encrypts the secrets of second factors with the present secret key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.log_in.second_factor_keys import reencrypt_all
from core.formats import whole


class Command(BaseCommand):
    help = (
        "Encrypts the secrets of second factors with SECRET_KEY; those that a former key encrypted "
        "are read with SECRET_KEY_FALLBACKS."
    )

    def handle(self, **_options: Any) -> None:
        found = reencrypt_all()
        sentence = ngettext(
            "Encrypted %(count)s second factor with the present key.",
            "Encrypted %(count)s second factors with the present key.",
            found.count,
        )
        self.stdout.write(sentence % {"count": whole(found.count)})
        if found.unreadable:
            words = _(
                "The key that encrypted the others is not in SECRET_KEY_FALLBACKS. Name it there, "
                "or remove the second factors of: %(names)s"
            )
            raise CommandError(words % {"names": ", ".join(found.unreadable)})
