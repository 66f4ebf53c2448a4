"""The admin's sidebar: only what the user may open."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.limit_gate import is_open_now
from fulfillment.admin.my_work.page import PERMISSIONS
from inventory.admin.low_stock import low_badge

# Pages that are no list: their address, and the permissions of which one opens them.
OTHER_PAGES: dict[str, tuple[str, ...]] = {
    "changes": ("admin:changes", "inventory.view_product"),
    "demand": ("admin:fulfillment_demand", "fulfillment.view_shipment"),
    "dashboard": ("admin:dashboard", "fulfillment.view_dailyfigures"),
    "inconsistencies": ("admin:fulfillment_inconsistencies", "inventory.view_reservation"),
    "my_work": ("admin:index", *PERMISSIONS),
    "low_stock": ("admin:inventory_low_stock", "inventory.view_sourceitem"),
    "personal_data": ("admin:personal_data", "core.manage_personaldata"),
    "release_board": ("admin:fulfillment_release_board", "fulfillment.view_releaserun"),
    "review": ("admin:fulfillment_shipment_review", "fulfillment.view_shipment"),
}
# What is counted beside an entry.
BADGES = {"low_stock": low_badge}
# Six groups, those of every day first. Who works here seldom needs the folded ones.
SECTIONS: tuple[tuple[Any, bool, tuple[tuple[Any, str, str], ...]], ...] = (
    (
        _("Work"),
        False,
        (
            (_("My work"), "task_alt", "my_work"),
            (_("Dashboard"), "dashboard", "dashboard"),
            (_("Orders"), "receipt_long", "orders.order"),
            (_("Returns"), "assignment_return", "orders.return"),
            (_("Backorder review"), "pending_actions", "review"),
            (_("Shipments"), "local_shipping", "fulfillment.shipment"),
            (_("Pick lists"), "fact_check", "fulfillment.picklist"),
            (_("Delay requests"), "schedule_send", "fulfillment.delayrequest"),
            (_("Release board"), "monitor_heart", "release_board"),
            (_("Release runs"), "play_circle", "fulfillment.releaserun"),
        ),
    ),
    (
        _("Catalog"),
        False,
        (
            (_("Products"), "sell", "inventory.product"),
            (_("Source items"), "shelves", "inventory.sourceitem"),
            (_("Low stock"), "trending_down", "low_stock"),
        ),
    ),
    (
        _("Supply"),
        False,
        (
            (_("Demand"), "query_stats", "demand"),
            (_("Future supply"), "upcoming", "inventory.futuresupply"),
            (_("Imports"), "upload_file", "inventory.importfile"),
        ),
    ),
    (
        _("Records"),
        False,
        (
            (_("Changes"), "history", "changes"),
            (_("Parcels"), "package", "fulfillment.parcel"),
            (_("Payments"), "payments", "orders.payment"),
            (_("Payment operations"), "currency_exchange", "orders.paymentoperation"),
            (_("Customer e-mails"), "mail", "orders.orderemail"),
            (_("Rule e-mails"), "mail", "fulfillment.ruleemail"),
            (_("Low stock e-mails"), "mail", "inventory.lowstockdigest"),
            (_("Demand e-mails"), "mail", "fulfillment.demanddigest"),
            (_("Back-in-stock requests"), "notifications", "inventory.backinstockrequest"),
            (_("Reservations"), "list_alt", "inventory.reservation"),
            (_("Inconsistencies"), "rule", "inconsistencies"),
            (_("Bulk changes"), "library_add_check", "core.bulkchange"),
            (_("Background jobs"), "hourglass_top", "core.job"),
        ),
    ),
    (
        _("Settings"),
        True,
        (
            (_("Configuration"), "tune", "inventory.inventoryconfiguration"),
            (_("Scheduled work"), "schedule", "fulfillment.scheduledwork"),
            (_("Rules"), "rule_settings", "fulfillment.waitingrule"),
            (_("Rule runs"), "fact_check", "fulfillment.rulerun"),
            (_("Carriers"), "package_2", "fulfillment.carrier"),
            (_("Sources"), "warehouse", "inventory.source"),
            (_("Stocks"), "hub", "inventory.stock"),
            (_("Sales channels"), "storefront", "inventory.saleschannel"),
            (_("E-mail texts"), "edit_note", "orders.noticetext"),
        ),
    ),
    (
        _("People"),
        True,
        (
            (_("Users"), "person", "auth.user"),
            (_("Groups"), "group", "auth.group"),
            (_("API keys"), "key", "core.apikey"),
            (_("Security events"), "shield", "core.securityevent"),
            (_("Personal data"), "person_search", "personal_data"),
            (_("Account e-mails"), "mail", "core.accountemail"),
        ),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sections of the sidebar, each with the pages this user may view."""
    sections = [
        {"title": title, "collapsible": is_folded, "items": _items(request, pages)}
        for title, is_folded, pages in SECTIONS
    ]
    _mark_active(request.path, [item for section in sections for item in section["items"]])
    return [section for section in sections if section["items"]]


def _mark_active(path: str, items: list[dict[str, Any]]) -> None:
    """Mark the one page that is open: some pages have their address under another's."""
    index = reverse("admin:index")
    under = [item for item in items if item["link"] != index and path.startswith(item["link"])]
    nearest = max((len(item["link"]) for item in under), default=0)
    for item in items:
        is_open = item in under and len(item["link"]) == nearest
        item["active"] = is_open or path == item["link"] == index


def _items(request: HttpRequest, pages: tuple[tuple[Any, str, str], ...]) -> list[dict[str, Any]]:
    items = []
    for title, icon, page in pages:
        url_name = OTHER_PAGES[page][0] if page in OTHER_PAGES else _list_of(page)
        if is_open_now(url_name) and _may_open(request, page):
            item = {"title": title, "icon": icon, "link": reverse(url_name)}
            if page in BADGES and (badge := BADGES[page](request)):
                item["badge"] = badge
            items.append(item)
    return items


def _may_open(request: HttpRequest, page: str) -> bool:
    """Whether the user may open a page; of a list, its own admin says so."""
    if page in OTHER_PAGES:
        return any(map(request.user.has_perm, OTHER_PAGES[page][1:]))
    return bool(admin.site.get_model_admin(apps.get_model(page)).has_view_permission(request))


def _list_of(model: str) -> str:
    return f"admin:{model.replace('.', '_')}_changelist"
