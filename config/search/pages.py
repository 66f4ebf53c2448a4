"""Pages by the names that people have for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.navigation import sidebar
from config.search.closeness import match_of, phrases_in, words_in
from core.queries.search import Match
from inventory.admin.file_access import importable_by
from inventory.models import ImportFile
from inventory.options import OPTIONS

Format = ImportFile.Format

# Words that a question may have and that name nothing.
EMPTY_WORDS = _(
    "a all am an and any are at be can change changes do does edit find for from get go have how i "
    "in is it its list make me my of on our page please see set show that the there this to up "
    "view want we what when where which who whose why will with"
)
# What people call the pages of the menu, by the name of their address: phrases, with commas.
MENU_WORDS: dict[str, Any] = {
    "admin:index": _(
        "home, start, to do, tasks, my tasks, what to do, inbox, work list, ready to ship, "
        "assigned to me"
    ),
    "admin:dashboard": _("overview, statistics, figures, reports, charts, kpi"),
    "admin:fulfillment_shipment_review": _(
        "waiting orders, waiting shipments, backorders, pending, late orders, late customers, "
        "overdue orders, delayed orders, long waits, why an order waits, why a shipment waits, "
        "queue, over 30 days, customer care, needs a person, new date, expected date, hold, "
        "priority"
    ),
    "admin:fulfillment_delayrequest_changelist": _(
        "late units, delays, consent, customers to ask, answers of customers, deadlines, "
        "late orders"
    ),
    "admin:fulfillment_waitingrule_changelist": _(
        "automatic rules, automation, conditions, raise priority, automatic cancel, escalate, "
        "remind, follow up"
    ),
    "admin:fulfillment_rulerun_changelist": _(
        "rule history, what rules did, confirm a rule, rule log, rule limit"
    ),
    "admin:fulfillment_ruleemail_changelist": _("e-mails of rules, digest of rules, staff e-mails"),
    "admin:fulfillment_demand": _(
        "order stock, buy stock, purchasing, order proposals, reorder, shortage, short, buying list"
    ),
    "admin:fulfillment_shipment_changelist": _(
        "deliveries, dispatch, parcels, packages, ready to ship, to ship, on hold, tracking, "
        "what was shipped, packing slips, delivery notes, pickup, collect, not collected, "
        "uncollected, waiting for the rest, pack, packed, picked, box"
    ),
    "admin:fulfillment_carrier_changelist": _(
        "couriers, shippers, parcel services, tracking links, DHL, UPS, FedEx, post"
    ),
    "admin:fulfillment_parcel_changelist": _(
        "tracking, tracking numbers, track and trace, find a parcel, packages, which shipment, "
        "consignment numbers"
    ),
    "admin:fulfillment_picklist_changelist": _(
        "picking lists, picking, pick, scan, scanner, fetch from the shelf, put back"
    ),
    "admin:fulfillment_release_board": _(
        "release backorders, release now, run now, dry run, compare policies, policy comparison, "
        "who gets stock first"
    ),
    "admin:fulfillment_releaserun_changelist": _(
        "runs, last run, release history, released, failed runs, release log"
    ),
    "admin:fulfillment_scheduledwork_changelist": _(
        "schedule, schedules, cron, timer, automatic release, every 10 minutes, recurring, "
        "background tasks, pause release"
    ),
    "admin:orders_order_changelist": _(
        "sales, customers, buyers, purchases, sold, customer orders, invoices, ship complete, "
        "ship together, ship what is ready, partial shipment"
    ),
    "admin:orders_return_changelist": _(
        "returns, returned goods, take back, take units back, RMA, exchange, exchanges, swap, "
        "send back, damaged, refund later"
    ),
    "admin:orders_payment_changelist": _(
        "money, paid, unpaid, card, authorizations, captures, charges, billing"
    ),
    "admin:orders_paymentoperation_changelist": _(
        "payment to decide, unknown payment, failed payment, payment errors, refunds, refund due, "
        "refunds due, pay back, "
        "payment gateway, transactions"
    ),
    "admin:orders_orderemail_changelist": _(
        "e-mails, emails, mail, letters, notices, notifications, failed e-mails, bounced, "
        "what the customer was sent, confirmations"
    ),
    "admin:orders_noticetext_changelist": _(
        "templates, e-mail templates, wording, letters, notices, texts of e-mails, subject, "
        "placeholders"
    ),
    "admin:inventory_product_changelist": _(
        "catalog, catalogue, items, articles, SKUs, barcodes, goods, prices, "
        "turn off backorders for a product, salable quantity, what can be sold, out of stock"
    ),
    "admin:inventory_sourceitem_changelist": _(
        "stock levels, on hand, quantities, inventory, count, stock count, stocktake, "
        "adjust stock, how many units are at a source, units at a warehouse, transfer stock, "
        "send stock to another source"
    ),
    "admin:inventory_low_stock": _(
        "running out, reorder, buy, low, almost out, below minimum, notify below, replenish"
    ),
    "admin:inventory_futuresupply_changelist": _(
        "incoming, incoming stock, purchase orders, PO, POs, receive, receiving, receive a "
        "delivery, inbound, what arrives, expected deliveries, overdue supply, suppliers, restock, "
        "transfers, in transit, on their way"
    ),
    "admin:inventory_source_changelist": _(
        "warehouses, locations, stores, shops, depots, pickup locations, places"
    ),
    "admin:inventory_stock_changelist": _("stock pools, pools, virtual stock, source priority"),
    "admin:inventory_saleschannel_changelist": _("channels, websites, storefronts, marketplaces"),
    "admin:inventory_reservation_changelist": _(
        "ledger, stock movements, reserved units, reserved stock, bookkeeping"
    ),
    "admin:fulfillment_inconsistencies": _(
        "errors in the ledger, wrong numbers, mismatches, repair, differences, compensation"
    ),
    "admin:inventory_importfile_changelist": _(
        "imported files, uploads, uploaded files, CSV, spreadsheets, Excel, bad rows, faulty rows"
    ),
    "admin:changes": _(
        "who changed what, history, audit trail, log of changes, changed threshold, "
        "who changed a threshold, edits, versions"
    ),
    "admin:core_securityevent_changelist": _(
        "log-ins, failed log-ins, who logged in, wrong passwords, locked accounts, security log, "
        "audit log, attacks, refused permissions, who changed a role"
    ),
    "admin:personal_data": _(
        "GDPR, privacy, erase a customer, forget a customer, delete a customer, export a customer, "
        "right of access, right to erasure, data protection"
    ),
    "admin:core_accountemail_changelist": _(
        "e-mails about passwords, e-mails about second factors, password e-mails"
    ),
    "admin:core_bulkchange_changelist": _("mass changes, undo, take back, bulk edits"),
    "admin:core_job_changelist": _(
        "tasks, workers, progress, running jobs, failed jobs, stuck, celery"
    ),
    "admin:inventory_lowstockdigest_changelist": _(
        "digest, daily e-mail, low stock digest, low stock notifications, alerts, subscribers"
    ),
    "admin:fulfillment_demanddigest_changelist": _(
        "weekly e-mail, demand digest, weekly digest, subscribers"
    ),
    "admin:inventory_backinstockrequest_changelist": _(
        "back in stock, notify me, subscribers, restock alerts"
    ),
    "admin:inventory_inventoryconfiguration_changelist": _(
        "settings, options, preferences, setup, allow backorders, turn off backorders, "
        "turn on backorders, defaults, future inventory, release policy"
    ),
    "admin:auth_user_changelist": _(
        "people, staff, colleagues, employees, accounts, log-ins, logins, add a colleague"
    ),
    "admin:auth_group_changelist": _("roles, permissions, access, rights"),
    "admin:core_apikey_changelist": _("tokens, integrations, API, access keys, developers"),
}


@dataclass(frozen=True, slots=True)
class NamedAction:
    """A page that begins something: for people with all of ``permissions``, or, with a format,
    for those who may bring in such a file."""

    title: Any
    url_name: str
    words: Any
    permissions: tuple[str, ...] = ()
    file_format: str = ""


ACTIONS = (
    NamedAction(
        _("Phone order"),
        "admin:orders_order_add",
        _("add order, new order, place order, create order, order by phone, manual order, buy"),
        ("orders.add_order",),
    ),
    NamedAction(
        _("Record supply"),
        "admin:inventory_futuresupply_add",
        _("add supply, new supply, add future supply, new purchase order, create PO, add incoming"),
        ("inventory.add_futuresupply",),
    ),
    NamedAction(
        _("Add product"),
        "admin:inventory_product_add",
        _("new product, create product, new SKU, create SKU, new item"),
        ("inventory.add_product",),
    ),
    NamedAction(
        _("Add source"),
        "admin:inventory_source_add",
        _("new source, create source, new warehouse, add warehouse, new store, add store"),
        ("inventory.add_source",),
    ),
    NamedAction(
        _("Import products"),
        "admin:inventory_product_import",
        _("upload products, product file, product CSV"),
        file_format=Format.PRODUCTS,
    ),
    NamedAction(
        _("Import stock"),
        "admin:inventory_sourceitem_import",
        _("upload stock, upload quantities, import quantities, import source items, stock file"),
        file_format=Format.STOCK_SOURCES,
    ),
    NamedAction(
        _("Import future supply"),
        "admin:inventory_futuresupply_import",
        _("upload supply, import purchase orders, supply file"),
        file_format=Format.FUTURE_SUPPLY,
    ),
    NamedAction(
        _("Import orders"),
        "admin:orders_order_import",
        _("upload orders, order file"),
        file_format=Format.ORDERS,
    ),
    NamedAction(
        _("Import tracking numbers"),
        "admin:fulfillment_parcel_import",
        _("upload tracking, import parcels, tracking file, parcel file, carrier file"),
        file_format=Format.PARCELS,
    ),
    NamedAction(
        _("Add user"),
        "admin:auth_user_add",
        _("new user, create user, add colleague, new colleague, invite"),
        ("auth.add_user",),
    ),
    NamedAction(
        _("Change password"),
        "admin:password_change",
        _("my password, new password, own password"),
    ),
    NamedAction(
        _("Your e-mails"),
        "admin:own_emails",
        _("unsubscribe, my e-mails, notifications, turn off e-mails, digest, weekly e-mail"),
    ),
    NamedAction(
        _("Your sessions"),
        "admin:own_sessions",
        _(
            "sessions, log out everywhere, devices, where I am logged in, end a session, "
            "other browsers"
        ),
    ),
    NamedAction(
        _("Second factor"),
        "mfa_index",
        _(
            "two-factor authentication, 2FA, MFA, authenticator app, passkey, security key, "
            "recovery codes, one-time code"
        ),
    ),
)
CONFIGURATION = "admin:inventory_inventoryconfiguration_changelist"


@dataclass(frozen=True, slots=True)
class FoundPage:
    match: Match
    title: str
    icon: str
    link: str
    is_action: bool


def pages_matching(request: HttpRequest, text: str) -> list[FoundPage]:
    """Return the pages and actions that ``text`` names, of those that the user may open."""
    every_word = words_in(text)
    empty = set(words_in(str(EMPTY_WORDS)))
    asked = [word for word in every_word if word not in empty]
    found = []
    for page, words in _open_to(request):
        phrases = [words_in(page.title), *phrases_in(words)]
        matches = [match_of(every_word, phrases)] if every_word else []
        if asked:
            telling = [[word for word in phrase if word not in empty] for phrase in phrases]
            matches.append(match_of(asked, telling))
        known = [match for match in matches if match is not None]
        if known:
            found.append(FoundPage(min(known), page.title, page.icon, page.link, page.is_action))
    return sorted(found, key=lambda page: page.match)


def _open_to(request: HttpRequest) -> Iterator[tuple[FoundPage, str]]:
    """Yield each page that the user may open, with what people call it."""
    words = {reverse(name): str(phrases) for name, phrases in MENU_WORDS.items()}
    labels = ", ".join(gettext(option.label) for option in OPTIONS)
    words[reverse(CONFIGURATION)] += f", {labels}"
    for section in sidebar(request):
        for item in section["items"]:
            page = FoundPage(
                Match.SIMILAR, str(item["title"]), item["icon"], str(item["link"]), is_action=False
            )
            yield page, words.get(page.link, "")
    importable = importable_by(request)
    for action in ACTIONS:
        if not request.user.has_perms(action.permissions):
            continue
        if action.file_format and action.file_format not in importable:
            continue
        link = reverse(action.url_name)
        page = FoundPage(Match.SIMILAR, str(action.title), "bolt", link, is_action=True)
        yield page, str(action.words)
