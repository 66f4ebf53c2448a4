"""Every address of the admin, by GET and by POST, and every action, as each role and as nobody.

One table says what opens what; an address or an action that is not in it fails the walk.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, reverse

from core.models import Job, SavedView
from fulfillment.admin.packing_slips import PRINT_SLIPS
from fulfillment.admin.pick_list_action import MAKE_LIST
from fulfillment.admin.review.actions import ON_SHIPMENTS, PREPARATIONS
from fulfillment.models import Shipment
from fulfillment.release.shipment_actions import ACTIONS as SHIPMENT_ACTIONS
from fulfillment.roles import ROLES, permissions_of
from inventory.models import InventoryConfiguration
from orders.admin.change_page import TASKS
from orders.models import Order
from tests.present import present
from tests.test_admin_smoke import NOW
from tests.test_roles import make_every_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_error_page_once")]

STANDARD = ("changelist", "add", "change", "delete", "history")
# For every member of staff; what they show they filter themselves.
DJANGO = {"index", "search", "login", "logout", "own_emails", "own_sessions", "password_change",
          "password_change_done", "autocomplete", "jsi18n", "view_on_site", "app_list"}  # fmt: skip
NOBODY = "nobody's"

VIEW_SHIPMENT = "fulfillment.view_shipment"
RUN_RULES = "fulfillment.add_rulerun"
ANSWER_DELAY = "fulfillment.change_delayrequest"
CHANGE_SHIPMENT = "fulfillment.change_shipment"
VIEW_RUN = "fulfillment.view_releaserun"
ADD_RUN = "fulfillment.add_releaserun"
SCHEDULE = "fulfillment.change_scheduledwork"
ADD_PICK_LIST = "fulfillment.add_picklist"
PICK = "fulfillment.change_picklist"
CHANGE_SUPPLY = "inventory.change_futuresupply"
RECEIVE_SUPPLY = "inventory.receive_futuresupply"
CHANGE_ORDER = "orders.change_order"
CANCEL_ORDER = "orders.cancel_order"
REFUND_ORDER = "orders.refund_order"
DECIDE = "orders.change_paymentoperation"
CHANGE_PRODUCT = "inventory.change_product"
ADD_ITEM = "inventory.add_sourceitem"
CHANGE_ITEM = "inventory.change_sourceitem"
DELETE_ITEM = "inventory.delete_sourceitem"


@dataclass(frozen=True)
class Row:
    """What one must be permitted to GET and to POST; ``NOBODY``: it is not asked in that way.

    ``words`` are the texts that an address may hold, ``body`` what is posted.
    """

    get: str
    post: str
    words: tuple[str, ...] = ("",)
    body: dict[str, str] = field(default_factory=dict)


def layout_rows(name: str, view: str) -> dict[str, Row]:
    """Return the rows of the pages by which columns and views of a list are kept."""
    return {
        f"{name}_columns": Row(NOBODY, view),
        f"{name}_save_view": Row(NOBODY, view),
        f"{name}_delete_view": Row(view, view),
    }


BULK = {"action": "HOLD", "shipment": "1"}
TABLE = {
    "dashboard": Row("fulfillment.view_dailyfigures", NOBODY),
    # Each role sees of it what it may see the objects of.
    "changes": Row("inventory.view_product", NOBODY),
    "fulfillment_inconsistencies": Row("inventory.view_reservation", "inventory.add_reservation"),
    **dict.fromkeys(
        (
            "fulfillment_demand",
            "fulfillment_demand_csv",
            "fulfillment_demand_xlsx",
            "fulfillment_demand_proposals_csv",
            "fulfillment_demand_proposals_xlsx",
            "fulfillment_demand_kept_promises",
        ),
        Row(VIEW_SHIPMENT, NOBODY),
    ),
    "fulfillment_demand_order": Row(NOBODY, "inventory.add_futuresupply"),
    "inventory_futuresupply_change_supply": Row(CHANGE_SUPPLY, CHANGE_SUPPLY),
    "inventory_futuresupply_receive": Row(RECEIVE_SUPPLY, RECEIVE_SUPPLY),
    "inventory_futuresupply_take_back": Row(RECEIVE_SUPPLY, RECEIVE_SUPPLY),
    "inventory_futuresupply_cancel": Row(CHANGE_SUPPLY, CHANGE_SUPPLY),
    "inventory_futuresupply_deliveries": Row(RECEIVE_SUPPLY, NOBODY),
    "inventory_futuresupply_delivery": Row(RECEIVE_SUPPLY, RECEIVE_SUPPLY),
    "inventory_futuresupply_received": Row("inventory.view_futuresupply", NOBODY),
    "inventory_futuresupply_labels": Row("inventory.view_futuresupply", NOBODY),
    "inventory_futuresupply_import": Row(CHANGE_SUPPLY, CHANGE_SUPPLY),
    "inventory_futuresupply_export": Row(
        "inventory.view_futuresupply", "inventory.view_futuresupply"
    ),
    "inventory_importfile_confirm": Row(NOBODY, "inventory.change_product"),
    "inventory_importfile_check": Row(NOBODY, "inventory.change_product"),
    "inventory_importfile_take_back": Row(CHANGE_PRODUCT, CHANGE_PRODUCT),
    "inventory_importfile_as_it_was": Row(CHANGE_PRODUCT, CHANGE_PRODUCT),
    # The permission of it is of no role.
    "personal_data": Row("core.manage_personaldata", "core.manage_personaldata"),
    "core_securityevent_export": Row("core.view_securityevent", NOBODY),
    "core_bulkchange_take_back": Row(CHANGE_ITEM, CHANGE_ITEM),
    "core_bulkchange_as_it_was": Row(CHANGE_ITEM, CHANGE_ITEM),
    "inventory_importfile_problems": Row(CHANGE_PRODUCT, CHANGE_PRODUCT),
    "inventory_importfile_refused_rows": Row(CHANGE_PRODUCT, CHANGE_PRODUCT),
    "inventory_importfile_start": Row("inventory.view_importfile", "inventory.view_importfile"),
    "core_job_progress": Row("core.view_job", "core.view_job"),
    "core_job_figures": Row("core.view_job", "core.view_job"),
    "core_job_cancel": Row(NOBODY, "core.change_job"),
    "inventory_ledger": Row("inventory.view_reservation", "inventory.view_reservation"),
    "inventory_low_stock": Row("inventory.view_sourceitem", "inventory.view_sourceitem"),
    "inventory_low_stock_export": Row("inventory.view_sourceitem", "inventory.view_sourceitem"),
    "orders_noticetext_edit": Row(
        "orders.view_noticetext",
        "orders.change_noticetext",
        words=("CANCELED-en", "CONFIRMATION-sv"),
    ),
    "fulfillment_parcel_import": Row(CHANGE_SHIPMENT, CHANGE_SHIPMENT),
    "fulfillment_parcel_export": Row("fulfillment.view_parcel", "fulfillment.view_parcel"),
    "orders_order_import": Row("orders.add_order", "orders.add_order"),
    "orders_order_export": Row("orders.view_order", "orders.view_order"),
    "inventory_configuration_preview": Row(NOBODY, "inventory.change_inventoryconfiguration"),
    "inventory_product_supply": Row("inventory.view_futuresupply", NOBODY),
    "inventory_product_waiting": Row(VIEW_SHIPMENT, NOBODY),
    "inventory_product_preview_new": Row(NOBODY, "inventory.change_product"),
    "inventory_product_preview": Row(NOBODY, "inventory.change_product"),
    "inventory_product_import": Row("inventory.change_product", "inventory.change_product"),
    "inventory_product_export": Row("inventory.view_product", "inventory.view_product"),
    "inventory_product_bulk_assign": Row(ADD_ITEM, ADD_ITEM),
    "inventory_product_bulk_unassign": Row(DELETE_ITEM, DELETE_ITEM),
    "inventory_product_bulk_transfer": Row(CHANGE_ITEM, CHANGE_ITEM),
    "inventory_product_bulk_status": Row(CHANGE_ITEM, CHANGE_ITEM),
    "inventory_product_bulk_option": Row(CHANGE_PRODUCT, CHANGE_PRODUCT),
    "inventory_product_bulk_labels": Row("inventory.view_product", "inventory.view_product"),
    "inventory_sourceitem_bulk_unassign": Row(DELETE_ITEM, DELETE_ITEM),
    "inventory_sourceitem_bulk_transfer": Row(CHANGE_ITEM, CHANGE_ITEM),
    "inventory_sourceitem_bulk_status": Row(CHANGE_ITEM, CHANGE_ITEM),
    "inventory_sourceitem_bulk_option": Row(CHANGE_ITEM, CHANGE_ITEM),
    "inventory_sourceitem_import": Row(
        "inventory.change_sourceitem", "inventory.change_sourceitem"
    ),
    "inventory_sourceitem_export": Row("inventory.view_sourceitem", "inventory.view_sourceitem"),
    "fulfillment_release_board": Row(VIEW_RUN, VIEW_RUN),
    "fulfillment_release_board_live": Row(VIEW_RUN, VIEW_RUN),
    "fulfillment_release_board_run": Row(NOBODY, ADD_RUN),
    "fulfillment_release_comparison": Row(VIEW_RUN, VIEW_RUN),
    "fulfillment_release_comparison_part": Row(VIEW_RUN, VIEW_RUN),
    "fulfillment_release_comparison_start": Row(NOBODY, ADD_RUN),
    "fulfillment_releaserun_apply": Row(ADD_RUN, ADD_RUN),
    "fulfillment_releaserun_cancel": Row(NOBODY, ADD_RUN),
    "fulfillment_releaserun_progress": Row(VIEW_RUN, VIEW_RUN),
    "fulfillment_releaserun_decisions": Row(VIEW_RUN, VIEW_RUN),
    "fulfillment_scheduledwork_pause": Row(NOBODY, SCHEDULE),
    "fulfillment_scheduledwork_resume": Row(NOBODY, SCHEDULE),
    "fulfillment_scheduledwork_run": Row(NOBODY, SCHEDULE),
    "fulfillment_scheduledwork_restore": Row(
        NOBODY, SCHEDULE, body={"task": "fulfillment.heartbeat"}
    ),
    "fulfillment_shipment_review": Row(VIEW_SHIPMENT, NOBODY),
    "fulfillment_shipment_review_explanation": Row(VIEW_SHIPMENT, NOBODY),
    "fulfillment_shipment_review_export": Row(VIEW_SHIPMENT, NOBODY),
    "fulfillment_shipment_review_bulk": Row(NOBODY, CHANGE_SHIPMENT, body=BULK),
    **{
        f"fulfillment_shipment_bulk_{action.slug}": Row(action.permission, action.permission)
        for action in (*ON_SHIPMENTS, *PREPARATIONS, MAKE_LIST, PRINT_SLIPS)
    },
    **layout_rows("fulfillment_shipment_review", VIEW_SHIPMENT),
    **layout_rows("fulfillment_shipment", VIEW_SHIPMENT),
    **layout_rows("orders_order", "orders.view_order"),
    "fulfillment_shipment_act": Row(
        NOBODY,
        CHANGE_SHIPMENT,
        words=tuple(
            action.code for action in SHIPMENT_ACTIONS if action.code not in {"release", "cancel"}
        ),
    ),
    "fulfillment_waitingrule_preview": Row("fulfillment.view_waitingrule", NOBODY),
    "fulfillment_waitingrule_run": Row(NOBODY, RUN_RULES),
    "fulfillment_rulerun_confirm": Row(NOBODY, RUN_RULES),
    "fulfillment_delayrequest_answer": Row(ANSWER_DELAY, ANSWER_DELAY),
    "fulfillment_shipment_note": Row(NOBODY, CHANGE_SHIPMENT),
    "fulfillment_picklist_pack": Row(NOBODY, CHANGE_SHIPMENT),
    "fulfillment_picklist_short": Row(PICK, PICK),
    "fulfillment_picklist_document": Row("fulfillment.view_picklist", NOBODY),
    **{
        f"fulfillment_picklist_{act}": Row(NOBODY, PICK)
        for act in ("scan", "counts", "take_off", "close")
    },
    "fulfillment_shipment_packing_slip": Row(NOBODY, CHANGE_SHIPMENT),
    "fulfillment_shipment_part": Row(ADD_RUN, ADD_RUN),
    "fulfillment_shipment_add_parcel": Row(NOBODY, CHANGE_SHIPMENT),
    "fulfillment_shipment_change_parcel": Row(NOBODY, CHANGE_SHIPMENT),
    "orders_order_note": Row(NOBODY, CHANGE_ORDER),
    "orders_order_status": Row("orders.view_order", NOBODY),
    "orders_order_availability": Row(NOBODY, "orders.add_order"),
    # Who may also see orders: every role that takes them down may.
    "orders_order_customers": Row("orders.add_order", NOBODY),
    "orders_order_products": Row("orders.add_order", NOBODY),
    "orders_order_task": Row(
        CHANGE_ORDER,
        CHANGE_ORDER,
        words=tuple(sorted(set(TASKS) - {"cancel", "refund", "substitute"})),
    ),
    "orders_order_take_back": Row("orders.add_return", "orders.add_return"),
    "orders_return_refund": Row(NOBODY, REFUND_ORDER),
    "orders_payment_decide": Row(DECIDE, DECIDE),
    "orders_paymentoperation_decide": Row(DECIDE, DECIDE),
}

# What an address opens for others too, by what is posted to it or what it ends in.
RELEASE = {"action": "RELEASE", "shipment": "1"}
BESIDES = (
    ("fulfillment_shipment_act", Row(NOBODY, ADD_RUN, words=("release",))),
    ("fulfillment_shipment_act", Row(NOBODY, CANCEL_ORDER, words=("cancel",))),
    ("fulfillment_shipment_review_bulk", Row(NOBODY, ADD_RUN, body=RELEASE)),
    ("orders_order_task", Row(CANCEL_ORDER, CANCEL_ORDER, words=("cancel", "substitute"))),
    ("orders_order_task", Row(REFUND_ORDER, REFUND_ORDER, words=("refund",))),
)

# The actions of lists, beside "delete selected", which nobody but a superuser has.
LIST_ACTIONS = {
    "orders.orderemail": {"send_again": "orders.change_orderemail"},
    "fulfillment.waitingrule": {"delete_selected": "fulfillment.delete_waitingrule"},
    "fulfillment.ruleemail": {"send_again": "fulfillment.change_ruleemail"},
    "inventory.lowstockdigest": {"send_again": "inventory.change_lowstockdigest"},
    "fulfillment.demanddigest": {"send_again": "fulfillment.change_demanddigest"},
    # Of no role.
    "core.accountemail": {"send_again": "core.change_accountemail"},
    "inventory.backinstockrequest": {"send_again": "inventory.change_backinstockrequest"},
    # Superusers alone.
    "auth.user": {
        "unlock_log_in": NOBODY,
        "end_sessions": NOBODY,
        "remove_second_factors": NOBODY,
        "unlink_company_log_ins": "auth.change_user",
    },
    "core.apikey": {"revoke": "core.change_apikey"},
    "inventory.product": {
        "bulk_assign": ADD_ITEM,
        "bulk_unassign": DELETE_ITEM,
        "bulk_transfer": CHANGE_ITEM,
        "bulk_status": CHANGE_ITEM,
        "bulk_option": CHANGE_PRODUCT,
        "bulk_labels": "inventory.view_product",
    },
    "inventory.sourceitem": {
        "bulk_unassign": DELETE_ITEM,
        "bulk_transfer": CHANGE_ITEM,
        "bulk_status": CHANGE_ITEM,
        "bulk_option": CHANGE_ITEM,
    },
    "fulfillment.shipment": {
        "bulk_assign-person": CHANGE_SHIPMENT,
        "bulk_pack": CHANGE_SHIPMENT,
        "bulk_unpack": CHANGE_SHIPMENT,
        "bulk_set-aside": CHANGE_SHIPMENT,
        "bulk_pick-list": ADD_PICK_LIST,
        "bulk_packing-slips": CHANGE_SHIPMENT,
        "bulk_fulfill": CHANGE_SHIPMENT,
    },
}
# Whose rows are seen by other rights than to view them: the list, and the row that is made.
FILES = {
    "inventory_importfile": {"changelist": "inventory.view_importfile", "history": CHANGE_PRODUCT}
}
PEOPLE = ["superuser", "staff without a role", *ROLES]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Each refusal is logged with its traceback, which takes longer than the page."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def addresses() -> Iterator[URLPattern]:
    """Yield every address of the admin that has a name."""
    root = next(
        pattern for pattern in get_resolver().url_patterns if f"{pattern.pattern}" == "admin/"
    )
    below: list[Any] = [root]
    while below:
        pattern = below.pop()
        if hasattr(pattern, "url_patterns"):
            below.extend(pattern.url_patterns)
        elif pattern.name:
            yield pattern


def our_addresses() -> dict[str, URLPattern]:
    """Return the addresses that are neither Django's own nor standard pages of a model."""
    standard = {
        f"{model._meta.app_label}_{model._meta.model_name}_{kind}"
        for model in admin.site._registry
        for kind in STANDARD
    }
    return {
        pattern.name: pattern
        for pattern in addresses()
        if pattern.name
        and pattern.name not in standard | DJANGO
        and not pattern.name.endswith("password_change")
    }


def row_of(name: str, user: User) -> int:
    """Return the key of a row for the address ``name``, ``user``'s own where rows belong to one."""
    if name.endswith("_delete_view"):
        list_name = name.removesuffix("_delete_view")
        return SavedView.objects.create(owner=user, name="Mine", list_name=list_name).pk
    models = [
        model
        for model in admin.site._registry
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")
    ]
    longest = max(models, key=lambda model: len(present(model._meta.model_name)))
    row = longest._default_manager.order_by("-pk").first()
    assert row is not None, name
    return int(row.pk)


def asked(name: str, row: Row, pattern: URLPattern, user: User) -> Iterator[str]:
    """Yield the addresses to ask, one for each word that the address may hold."""
    for word in row.words:
        values = {
            key: word if key in {"code", "task"} else row_of(name, user)
            for key in pattern.pattern.converters
        }
        yield reverse(f"admin:{name}", kwargs=values)


def person(role: str) -> User:
    user = User.objects.create(username=role, is_staff=True, is_superuser=role == "superuser")
    if role in ROLES:
        user.groups.add(Group.objects.get(name=role))
    return user


def may(role: str, permission: str) -> bool:
    if permission == NOBODY:
        return False
    return role == "superuser" or (role in ROLES and permission in permissions_of(role))


def status(client: Client, method: str, url: str, body: dict[str, str]) -> int:
    """Return the answer's status, and undo what it did."""
    with transaction.atomic():
        response = getattr(client, method)(url, body)
        transaction.set_rollback(True)
    return int(response.status_code)


def test_the_table_names_every_address() -> None:
    assert sorted(our_addresses()) == sorted(TABLE)


@pytest.mark.parametrize("role", PEOPLE)
def test_addresses_open_as_the_table_says(client: Client, role: Any) -> None:
    make_every_row()
    user = person(role)
    client.force_login(user)
    body_keys = {"shipment": str(present(Shipment.objects.order_by("-pk").first()).pk)}
    wrong = []
    patterns = our_addresses()
    for name, row in [*TABLE.items(), *BESIDES]:
        for url in asked(name, row, patterns[name], user):
            for method, permission in (("get", row.get), ("post", row.post)):
                body = {**row.body, **body_keys} if row.body and method == "post" else row.body
                found = status(client, method, url, body if method == "post" else {})
                is_open = found in {200, 302}
                if is_open is not may(role, permission) or (
                    not is_open and found not in {403, 405}
                ):
                    wrong.append(f"{method} {url}: {found}")

    assert wrong == []


def test_nobody_is_asked_to_sign_in_everywhere(client: Client) -> None:
    make_every_row()
    somebody = person("superuser")
    for name, pattern in our_addresses().items():
        for url in asked(name, TABLE[name], pattern, somebody):
            for method in ("get", "post"):
                response = getattr(client, method)(url)
                assert response.status_code == 302, (method, url)
                assert response.url.startswith(reverse("admin:login")), (method, url)


@pytest.mark.parametrize("role", PEOPLE)
def test_lists_offer_the_actions_that_the_table_says(role: Any) -> None:
    request = RequestFactory().get("/")
    request.user = person(role)
    wrong = []
    for model, model_admin in admin.site._registry.items():
        label = model._meta.label_lower
        offered = (
            set(model_admin.get_actions(request))
            if model_admin.has_view_permission(request)
            else set()
        )
        expected = {
            action
            for action, permission in LIST_ACTIONS.get(label, {}).items()
            if may(role, permission) or (role == "superuser" and permission == NOBODY)
        }
        if role == "superuser" and model_admin.has_delete_permission(request):
            expected |= offered & {"delete_selected"}
        if offered != expected:
            wrong.append(f"{label}: {sorted(offered)}, not {sorted(expected)}")

    assert wrong == []


@pytest.mark.parametrize("role", ["staff without a role", *ROLES])
def test_standard_pages_take_a_post_from_those_alone_who_may(client: Client, role: Any) -> None:
    make_every_row()
    client.force_login(person(role))
    wrong = []
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        rights = ROLES.get(role, {}).get(model._meta.label_lower, ())
        row = present(model._default_manager.order_by("pk").last())
        for kind, right in (("add", "add"), ("delete", "delete")):
            args = [] if kind == "add" else [row.pk]
            found = status(client, "post", reverse(f"admin:{name}_{kind}", args=args), {})
            if found != 403 and right not in rights:
                wrong.append(f"post {name} {kind}: {found}")
        # The one configuration has no list: its address leads to its page, which refuses.
        for kind in ("changelist", "history"):
            args = [] if kind == "changelist" else [row.pk]
            found = status(client, "post", reverse(f"admin:{name}_{kind}", args=args), {})
            is_alone = model is InventoryConfiguration and kind == "changelist"
            # A file is seen by those alone who may bring it in: this one is of products.
            is_seen = "view" in rights if name not in FILES else may(role, FILES[name][kind])
            if (found in {200, 302}) is not (is_seen or is_alone):
                wrong.append(f"post {name} {kind}: {found}")

    assert wrong == []


def test_the_walked_world_has_a_row_of_every_model_with_a_page() -> None:
    make_every_row()

    assert [model for model in admin.site._registry if not model._default_manager.exists()] == []


@pytest.mark.parametrize("role", PEOPLE)
def test_a_job_is_stopped_by_who_started_it_and_who_runs_the_office(
    client: Client, role: Any
) -> None:
    user, other = person(role), User.objects.create(username="other")
    client.force_login(user)
    for starter in (user, other, None):
        job = Job.objects.create(kind="inventory.import", started_by=starter, created_at=NOW)

        found = status(client, "post", reverse("admin:core_job_cancel", args=[job.pk]), {})

        may_stop = may(role, "core.change_job") or (starter == user and may(role, "core.view_job"))
        assert found == (302 if may_stop else 403), starter


@pytest.mark.parametrize("role", PEOPLE)
def test_a_view_is_deleted_by_its_owner_alone(client: Client, role: Any) -> None:
    client.force_login(person(role))
    other = User.objects.create(username="other")
    view = SavedView.objects.create(owner=other, name="Theirs", list_name="orders_order")
    url = reverse("admin:orders_order_delete_view", args=[view.pk])

    for method in ("get", "post"):
        assert status(client, method, url, {}) == 403, method
    assert SavedView.objects.filter(pk=view.pk).exists()


@pytest.mark.parametrize("role", [role for role in PEOPLE if not may(role, "orders.view_order")])
def test_who_may_not_see_orders_sees_no_address_of_a_customer(client: Client, role: Any) -> None:
    make_every_row()
    email = "ada@example.com"
    assert Order.objects.filter(customer_email=email).exists()
    user = person(role)
    client.force_login(user)
    patterns = our_addresses()
    urls = [url for name in TABLE for url in asked(name, TABLE[name], patterns[name], user)]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = present(model._default_manager.order_by("pk").last())
        urls.append(reverse(f"{name}_changelist"))
        urls += [reverse(f"{name}_{kind}", args=[row.pk]) for kind in ("change", "history")]
    urls.append(f"{reverse('admin:search')}?q={email}&list=1")

    assert [url for url in urls if shows(client, url, f">{email}", f"mailto:{email}")] == []


def shows(client: Client, url: str, *texts: str) -> bool:
    """Whether a page that opens has one of these texts."""
    response = client.get(url)
    if response.status_code != 200:
        return False
    parts = response if response.streaming else [response.content]
    text = b"".join(parts).decode(errors="replace")
    return any(one in text for one in texts)
