"""Requests for an e-mail when a product can be bought again."""

from collections import Counter
from collections.abc import Collection
from typing import Self

from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.letters import letter_html, offered_language
from core.models.linked_email import LinkedEmail
from inventory.models.product import Product
from inventory.models.sales_channel import SalesChannel

# The pages that e-mails link to, by the names of their addresses.
CONFIRM = "back_in_stock_confirm"
UNSUBSCRIBE = "back_in_stock_unsubscribe"


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


class BackInStockRequest(LinkedEmail):
    """One request of one address; the row is also its e-mail.

    At first the e-mail asks for confirmation, and later it says that the product can be bought.
    ``site`` is where its links lead, without a slash at its end.

    Rule: Back in stock (§18c).
    """

    PAGES = (CONFIRM, UNSUBSCRIBE)
    UNSUBSCRIBE = UNSUBSCRIBE

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

    objects = LimitedManager.from_queryset(BackInStockRequests)()

    class Meta(LinkedEmail.Meta):
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
            *LinkedEmail.Meta.indexes,
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

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "Content-Language": self.written_in}

    def html(self) -> str:
        return letter_html(self.subject, self.body, language=self.written_in)

    @property
    def written_in(self) -> str:
        return offered_language(self.language)
