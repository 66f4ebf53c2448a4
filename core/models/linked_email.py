"""A queued e-mail with signed links: who has one may do what its page offers, without a log-in."""

from collections.abc import Sequence
from typing import ClassVar, Self

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from core.models.queued_email import QueuedEmail

# Stands in the texts that are kept, where the e-mail has the token of its recipient.
HIDDEN = "link"


class LinkedEmail(QueuedEmail):
    """An e-mail that its recipient ends by a link in it, or by one click in a mail program.

    ``PAGES`` are the pages that it links to, by the names of their addresses; ``UNSUBSCRIBE`` is
    the one that ends such e-mails. ``site`` is where the links lead, without a slash at its end;
    without it the e-mail has none.
    """

    PAGES: ClassVar[tuple[str, ...]]
    UNSUBSCRIBE: ClassVar[str]
    site: str

    class Meta(QueuedEmail.Meta):
        abstract = True

    @classmethod
    def signed(cls, token: str, *, page: str) -> int | None:
        """Return the key of the row that a link to ``page`` names; None for a changed link."""
        try:
            key = cls._signer(page).unsign(token)
        except BadSignature:
            return None
        return int(key)

    @classmethod
    def with_links(cls, rows: Sequence[Self]) -> Self:
        """Give the e-mail of one row its working links; what is kept of it has none."""
        [email] = rows
        if email.site:
            for page in cls.PAGES:
                hidden = email.address(page, is_hidden=True)
                email.body = email.body.replace(hidden, email.address(page))
        return email

    @classmethod
    def _signer(cls, page: str) -> Signer:
        return Signer(salt=f"{cls._meta.app_label}.{page}", sep=".")

    def token(self, page: str) -> str:
        """Return what names this row in a link to ``page``."""
        return self._signer(page).sign(str(self.pk))

    def address(self, page: str, *, is_hidden: bool = False) -> str:
        """Return the link of this row to ``page``; hidden, one that opens nothing."""
        return f"{self.site}{reverse(page, args=[HIDDEN if is_hidden else self.token(page)])}"

    def headers(self) -> dict[str, str]:
        """Return the headers of the message, those of RFC 8058 (one click ends it) among them."""
        headers = super().headers()
        if self.site:
            headers["List-Unsubscribe"] = f"<{self.address(self.UNSUBSCRIBE)}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers
