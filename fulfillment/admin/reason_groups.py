"""What waits in groups by reason, each with the page on which a person can end the reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.formats import whole
from fulfillment.admin.remedies import SITE, User

Sentences = Mapping[str, Promise]
SENTENCES: Sentences = {
    "NO_STOCK": ngettext_lazy(
        "%(shown)s waits for units that no source has",
        "%(shown)s wait for units that no source has",
        "count",
    ),
    "NOT_ENOUGH_STOCK": ngettext_lazy(
        "%(shown)s needs more units than are there",
        "%(shown)s need more units than are there",
        "count",
    ),
    "TAKEN_BY_EARLIER": ngettext_lazy(
        "%(shown)s waits because earlier shipments take the units",
        "%(shown)s wait because earlier shipments take the units",
        "count",
    ),
    "WAITING_BEHIND": ngettext_lazy(
        "%(shown)s waits while units are kept for earlier shipments",
        "%(shown)s wait while units are kept for earlier shipments",
        "count",
    ),
    "ITEM_OUT_OF_STOCK": ngettext_lazy(
        "%(shown)s waits for units marked Out of Stock",
        "%(shown)s wait for units marked Out of Stock",
        "count",
    ),
    "SAFETY_STOCK": ngettext_lazy(
        "%(shown)s waits for units kept as safety stock",
        "%(shown)s wait for units kept as safety stock",
        "count",
    ),
    "SOURCE_NOT_ELIGIBLE": ngettext_lazy(
        "%(shown)s waits for stock at a source that cannot ship it",
        "%(shown)s wait for stock at sources that cannot ship them",
        "count",
    ),
    "PICKUP_SOURCE_ONLY": ngettext_lazy(
        "%(shown)s waits for units at its pickup source",
        "%(shown)s wait for units at their pickup source",
        "count",
    ),
    "SPLIT_LIMIT": ngettext_lazy(
        "%(shown)s needs more sources than the limits allow",
        "%(shown)s need more sources than the limits allow",
        "count",
    ),
    "FUTURE_DISABLED_SITE": ngettext_lazy(
        "%(shown)s waits for future inventory, which is off",
        "%(shown)s wait for future inventory, which is off",
        "count",
    ),
    "FUTURE_DISABLED_PRODUCT": ngettext_lazy(
        "%(shown)s waits for future inventory, which is off for its product",
        "%(shown)s wait for future inventory, which is off for their products",
        "count",
    ),
    "FUTURE_NO_DATE": ngettext_lazy(
        "%(shown)s waits for supply without a date",
        "%(shown)s wait for supply without a date",
        "count",
    ),
    "FUTURE_BEYOND_LIMIT": ngettext_lazy(
        "%(shown)s waits for supply after the future date limit",
        "%(shown)s wait for supply after the future date limit",
        "count",
    ),
    "FUTURE_OVERDUE": ngettext_lazy(
        "%(shown)s waits for overdue supply", "%(shown)s wait for overdue supply", "count"
    ),
    "HELD": ngettext_lazy("%(shown)s is held by staff", "%(shown)s are held by staff", "count"),
    "PAYMENT": ngettext_lazy("%(shown)s waits for payment", "%(shown)s wait for payment", "count"),
    "WAITING_FOR_REST": ngettext_lazy(
        "%(shown)s waits for the rest of its order",
        "%(shown)s wait for the rest of their orders",
        "count",
    ),
    "BEFORE_RELEASE_DATE": ngettext_lazy(
        "%(shown)s is a pre-order", "%(shown)s are pre-orders", "count"
    ),
    "ROUTING_ERROR": ngettext_lazy(
        "%(shown)s could not be given a source", "%(shown)s could not be given sources", "count"
    ),
}


@dataclass(frozen=True, slots=True)
class _ReasonPage:
    """Where a reason is ended: the page, what it is asked, and who may open it."""

    label: Promise
    url_name: str
    question: str
    permission: str


SUPPLY = "inventory_futuresupply_changelist"
PAGES: Mapping[str, _ReasonPage] = {
    "NO_STOCK": _ReasonPage(
        _("Record supply"), "inventory_futuresupply_add", "", "inventory.add_futuresupply"
    ),
    "ITEM_OUT_OF_STOCK": _ReasonPage(
        _("Change status"),
        "inventory_sourceitem_changelist",
        "status__exact=OUT_OF_STOCK",
        "inventory.change_sourceitem",
    ),
    "SPLIT_LIMIT": _ReasonPage(_("Change the limits"), *SITE),
    "FUTURE_DISABLED_SITE": _ReasonPage(_("Turn on future inventory"), *SITE),
    "FUTURE_BEYOND_LIMIT": _ReasonPage(_("Change the date limit"), *SITE),
    "FUTURE_NO_DATE": _ReasonPage(_("Set dates"), SUPPLY, "", "inventory.change_futuresupply"),
    "FUTURE_OVERDUE": _ReasonPage(
        _("Show overdue supply"), SUPPLY, "overdue=yes", "inventory.view_futuresupply"
    ),
}
# So many are read at a glance.
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Shipments that wait for one reason; ``address`` lists them, ``url`` ends the reason.

    ``url`` is "" where no page does, or none that this person may open.
    """

    code: str
    sentence: str
    address: str
    label: str | Promise = ""
    url: str = ""


def reason_groups(
    counts: Mapping[str, int], user: User, address_of: Callable[[str], str]
) -> list[ReasonGroup]:
    """Return the largest groups; ``address_of`` says where the shipments of a reason are listed."""
    largest = sorted(counts.items(), key=lambda group: (-group[1], group[0]))[:MOST_SHOWN]
    return [_group(code, count, user, address_of(code)) for code, count in largest]


def _group(code: str, count: int, user: User, address: str) -> ReasonGroup:
    sentence = SENTENCES[code] % {"count": count, "shown": whole(count)}
    page = PAGES.get(code)
    if page is None or not user.has_perm(page.permission):  # type: ignore[union-attr]
        return ReasonGroup(code, sentence, address)
    url = reverse(f"admin:{page.url_name}")
    url = f"{url}?{page.question}" if page.question else url
    return ReasonGroup(code, sentence, address, page.label, url)
