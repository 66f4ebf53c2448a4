"""The page on which people land: the work of each of their roles."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock import Moment, this_moment
from fulfillment.admin.list_links import ListLinks
from fulfillment.admin.my_work.merchant import merchant_cards
from fulfillment.admin.my_work.operations_work import operations_cards
from fulfillment.admin.my_work.shipment_work import shipping_cards
from fulfillment.admin.my_work.work_cards import WorkCard


@dataclass(frozen=True, slots=True)
class WorkPart:
    """The work of one role: for those with the permission that is the role's alone."""

    key: str
    title: Any
    permission: str
    cards: Callable[[HttpRequest, ListLinks, Moment], Iterable[WorkCard]]


PARTS = (
    WorkPart(
        "merchant",
        gettext_lazy("Catalog and supply"),
        "inventory.change_product",
        lambda _request, links, moment: merchant_cards(links, moment),
    ),
    WorkPart(
        "fulfillment",
        gettext_lazy("Orders and shipments"),
        "fulfillment.change_shipment",
        shipping_cards,
    ),
    WorkPart(
        "operations",
        gettext_lazy("Runs and health"),
        "fulfillment.change_scheduledwork",
        operations_cards,
    ),
)
PERMISSIONS = tuple(part.permission for part in PARTS)


def parts_for(user: User | AnonymousUser) -> list[WorkPart]:
    """Return the parts of this person's roles; none for people who only look."""
    return [part for part in PARTS if user.has_perm(part.permission)]


def my_work(request: HttpRequest) -> HttpResponse:
    """Show the work of this person's roles. The number of statements is the same for any amount.

    A card whose list the person may not view is left out.
    """
    moment = this_moment()
    links = ListLinks(request, moment.zone)
    parts = [
        {
            "key": part.key,
            "title": part.title,
            "cards": [card for card in part.cards(request, links, moment) if card.link],
        }
        for part in parts_for(request.user)
    ]
    context = {**admin.site.each_context(request), "title": _("My work"), "parts": parts}
    return TemplateResponse(request, "fulfillment/my_work.html", context)
