"""The words of the site, which no password may be made of."""

import re
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

# Of the product and its trade, in any case; docs/operations/log-in.md lists them.
PRODUCT_WORDS = ("backoffice", "backorders", "backorder", "inventory", "warehouse", "fulfillment",
                 "merchant", "operations", "viewer", "admin", "password", "welcome")  # fmt: skip
# A shorter part of a host, such as "www" or "com", may be in any word.
SHORTEST_PART = 4
# Beside the words of the site a password has so many characters of its own.
OWN_CHARACTERS = 6


class SiteWordValidator:
    """Refuses what is little more than words of the product and names of the site."""

    def validate(self, password: str, user: object = None) -> None:
        """Look at a new password.

        :raises ValidationError: if too little of it is its own.
        """
        own = password.lower()
        for word in sorted(_words(), key=len, reverse=True):
            own = own.replace(word, "")
        if own != password.lower() and len(own) < OWN_CHARACTERS:
            raise ValidationError(self.get_help_text(), code="password_of_site_words")

    def get_help_text(self) -> str:
        """Return the rule, for people."""
        return gettext(
            "A password has at least 6 characters beside words of this site, such as “backorder” "
            "or the name of the shop."
        )


def _words() -> Iterator[str]:
    yield from PRODUCT_WORDS
    names = " ".join([*settings.ALLOWED_HOSTS, settings.SITE_URL, settings.DEFAULT_FROM_EMAIL])
    for part in re.split(r"[^\w]+", names.lower()):
        if len(part) >= SHORTEST_PART:
            yield part
