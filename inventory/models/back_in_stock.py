"""Requests for an e-mail when a product can be bought again."""

from collections import Counter
from collections.abc import Collection
from typing import Self

from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.letters import letter_html, offered_language
from core.models.queued_email import QueuedEmail
from inventory.models.product import Product
from inventory.models.sales_channel import SalesChannel

# The pages that e-mails link to, by the names of their addresses.
CONFIRM = "back_in_stock_confirm"
UNSUBSCRIBE = "back_in_stock_unsubscribe"
# Stands in the texts that are kept, where the e-mail has the token of its recipient.
HIDDEN = "link"


class BackInStockRequests(models.QuerySet["BackInStockRequest"]):
    def waiting(self) -> Self:
        """Return confirmed requests that were not answered yet."""
        return self.filter(confirmed_at__isnull=False, told_at=None)

    def count_by_product(self, product_ids: Collection[int]) -> Counter[int]:
        """Return how many requests wait for each of these products, by its key."""
        rows = self.waiting().filter(product__in=product_ids).order_by().values_list("product")
        return Counter(dict(rows.annotate(Count("pk"))))

    def of_address(self, email: str) -> Self:
        """Return the requests of an e-mail address, in capitals or not."""
        return self.filter(Exact(Lower("recipient"), email.lower()))


class BackInStockRequest(QueuedEmail):
    """One request of one address; the row is also its e-mail.

    At first the e-mail asks for confirmation, and later it says that the product can be bought.
    ``site`` is where its links lead, without a slash at its end.

    Rule: Back in stock (§18c).
    """

    product = models.ForeignKey(
        Product, models.CASCADE, related_name="back_in_stock", verbose_name=_("product")
    )
    channel = models.ForeignKey(
        SalesChannel, models.CASCADE, related_name="back_in_stock", verbose_name=_("sales channel")
    )
    language = models.CharField(_("language"), max_length=16)
    site = models.CharField(_("address of the site"), max_length=300)
    asked_at = models.DateTimeField(_("requested at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    told_at = models.DateTimeField(_("informed at"), null=True, blank=True)

    objects = BackInStockRequests.as_manager()

    class Meta(QueuedEmail.Meta):
        verbose_name = _("back-in-stock request")
        verbose_name_plural = _("back-in-stock requests")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("recipient"),
                F("product"),
                name="back_in_stock_waits_once",
                condition=Q(told_at=None),
                violation_error_message=_("This address has a request for this product already."),
            ),
            models.CheckConstraint(
                name="back_in_stock_told_once_confirmed",
                condition=Q(told_at=None) | Q(confirmed_at__isnull=False),
                violation_error_message=_("Only confirmed requests are answered."),
            ),
        ]
        indexes = [
            *QueuedEmail.Meta.indexes,
            # Read by the job that informs customers, in the order of the requests.
            models.Index(
                name="back_in_stock_waiting",
                fields=["product", "asked_at", "id"],
                condition=Q(confirmed_at__isnull=False, told_at=None),
            ),
            # Read where an address asks again: its requests of the last day.
            models.Index(Lower("recipient"), F("asked_at"), name="back_in_stock_of_address"),
            # Read by the job that informs customers: how many it informed today.
            models.Index(
                name="back_in_stock_told",
                fields=["told_at"],
                condition=Q(told_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.recipient}"

    @classmethod
    def signed(cls, token: str, *, page: str) -> int | None:
        """Return the key of the request that a link to ``page`` names; None for a changed link."""
        try:
            key = _signer(page).unsign(token)
        except BadSignature:
            return None
        return int(key)

    def token(self, page: str) -> str:
        """Return what names this request in a link to ``page``."""
        return _signer(page).sign(str(self.pk))

    def address(self, page: str, *, is_hidden: bool = False) -> str:
        """Return the link of this request to ``page``; hidden, one that opens nothing."""
        return f"{self.site}{reverse(page, args=[HIDDEN if is_hidden else self.token(page)])}"

    def with_links(self) -> str:
        """Return the kept text as it is sent."""
        text = self.body
        for page in (CONFIRM, UNSUBSCRIBE):
            text = text.replace(self.address(page, is_hidden=True), self.address(page))
        return text

    def headers(self) -> dict[str, str]:
        """Return the headers of the message, those of RFC 8058 (one click ends it) among them."""
        return {
            **super().headers(),
            "Content-Language": self.written_in,
            "List-Unsubscribe": f"<{self.address(UNSUBSCRIBE)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    def html(self) -> str:
        return letter_html(self.subject, self.body, language=self.written_in)

    @property
    def written_in(self) -> str:
        return offered_language(self.language)


def _signer(page: str) -> Signer:
    return Signer(salt=f"inventory.{page}", sep=".")
