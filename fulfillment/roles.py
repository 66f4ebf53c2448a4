"""The one table of roles: what each may view, add, change or delete.

Migrations make the groups from it, and a test compares every page with it. After a change here,
a new migration that calls ``grant`` brings existing databases along.
"""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group
from django.utils.translation import pgettext_lazy

APPS = ("core", "inventory", "orders", "fulfillment")

READ = ("view",)
EDIT = ("view", "add", "change")

CONFIGURED = (
    "inventory.product",
    "inventory.source",
    "inventory.stock",
    "inventory.saleschannel",
    "inventory.sourceitem",
    "inventory.futuresupply",
    "inventory.stocksource",
)
JOBS = ("core.job", "core.bulkchange")
# A file is seen by those who may bring it in; to see it alone is of no role.
IMPORTS = ("inventory.importfile",)
INVENTORY = (
    *CONFIGURED,
    "inventory.inventoryconfiguration",
    "inventory.stockbalance",
    "inventory.reservation",
    "inventory.lowstockdigest",
    "fulfillment.demanddigest",
    *JOBS,
)
ORDERS = (
    "orders.order",
    "orders.orderline",
    "orders.cancellation",
    "orders.cancellationline",
    "orders.refund",
    "orders.refundline",
    "orders.return",
    "orders.returnline",
    "orders.payment",
    "orders.paymentoperation",
    "orders.orderemail",
    "orders.orderchange",
)
SHIPMENTS = (
    "fulfillment.shipment",
    "fulfillment.shipmentline",
    "fulfillment.shipmentevent",
    "fulfillment.delayrequest",
    "fulfillment.delaydecision",
    "fulfillment.picklist",
    "fulfillment.pickline",
    "fulfillment.parcel",
)
CARRIERS = ("fulfillment.carrier",)
RULE_RUNS = (
    "fulfillment.rulerun",
    "fulfillment.rulestep",
    "fulfillment.ruleact",
    "fulfillment.ruleemail",
)
RULES = ("fulfillment.waitingrule", *RULE_RUNS)
FIGURES = ("fulfillment.dailyfigures",)
FULFILLMENT = (
    *SHIPMENTS,
    "fulfillment.allocation",
    "fulfillment.waitingbalance",
    "fulfillment.arrivalnotice",
    "fulfillment.releaserun",
    "fulfillment.releasedecision",
    *FIGURES,
)
Table = dict[str, tuple[str, ...]]


def _all(models: tuple[str, ...], actions: tuple[str, ...]) -> Table:
    return dict.fromkeys(models, actions)


# Deleting a link or a source item is how a source is unlinked or a product unassigned, on the
# pages of the stock and of the product. A rule is deleted by who makes it; nothing else is deleted
# by any role.
ROLES: dict[str, Table] = {
    "Merchant": {
        **_all((*INVENTORY, *IMPORTS), READ),
        **_all(CONFIGURED, EDIT),
        "inventory.inventoryconfiguration": ("view", "change"),
        "inventory.lowstockdigest": ("view", "receive", "change"),
        "inventory.backinstockrequest": ("view", "add", "change"),
        "inventory.futuresupply": (*EDIT, "receive"),
        "inventory.sourceitem": (*EDIT, "delete"),
        "inventory.stocksource": (*EDIT, "delete"),
        **_all(("orders.order", "orders.orderline"), READ),
        "orders.noticetext": ("view", "change"),
        **_all((*SHIPMENTS, *FIGURES, *RULE_RUNS), READ),
        **_all(CARRIERS, EDIT),
        "fulfillment.waitingrule": (*EDIT, "delete"),
        "fulfillment.rulerun": ("view", "add"),
        "fulfillment.ruleemail": ("view", "change"),
        "fulfillment.demanddigest": ("view", "receive", "change"),
    },
    "Fulfillment": {
        **_all(CONFIGURED, READ),
        "inventory.futuresupply": ("view", "receive"),
        **_all(ORDERS, READ),
        **_all((*FULFILLMENT, *RULES, *CARRIERS), READ),
        **_all((*JOBS, *IMPORTS), READ),
        "orders.order": (*EDIT, "cancel", "refund"),
        "orders.return": ("view", "add"),
        "orders.orderemail": ("view", "change"),
        "orders.paymentoperation": ("view", "change"),
        "fulfillment.shipment": ("view", "change"),
        "fulfillment.picklist": EDIT,
        "fulfillment.delayrequest": ("view", "change"),
        "fulfillment.releaserun": ("view", "add"),
    },
    "Operations": {
        **_all(INVENTORY, READ),
        **_all((*FULFILLMENT, *RULES, *CARRIERS), READ),
        "fulfillment.releaserun": ("view", "add"),
        "core.job": ("view", "change"),
        "inventory.reservation": ("view", "add"),
        "fulfillment.scheduledwork": ("view", "change"),
    },
    "Viewer": {
        **_all(INVENTORY, READ),
        **_all(ORDERS, READ),
        **_all((*FULFILLMENT, *RULES, *CARRIERS), READ),
    },
}


# What the roles are called on pages. Groups keep their names, by which files and tests know them.
LABELS = {
    "Merchant": pgettext_lazy("role", "Merchant"),
    "Fulfillment": pgettext_lazy("role", "Fulfillment"),
    "Operations": pgettext_lazy("role", "Operations"),
    "Viewer": pgettext_lazy("role", "Viewer"),
}


def role_name(group: Group) -> str:
    """Return what a group is called: one of ours in the reader's language, others as they are."""
    return str(LABELS.get(group.name, group.name))


def permissions_of(role: str) -> frozenset[str]:
    """Return the permissions of ``role``, as ``has_perm`` takes them."""
    return frozenset(
        "{0}.{2}_{1}".format(*model.split("."), action)
        for model, actions in ROLES[role].items()
        for action in actions
    )


def grant(apps: Apps) -> None:
    """Make the groups with exactly the permissions of the table; for migrations.

    Permissions of models that ``apps`` does not know yet are left to a later migration.
    """
    for label in APPS:
        config = apps.get_app_config(label)
        # Django passes over apps without a models module, as a migration's state has them.
        config.models_module = True  # type: ignore[assignment]
        create_permissions(config, apps=apps, verbosity=0)
    keys = {
        f"{label}.{codename}": pk
        for label, codename, pk in apps.get_model("auth", "Permission")
        .objects.filter(content_type__app_label__in=APPS)
        .values_list("content_type__app_label", "codename", "pk")
    }
    for role in ROLES:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        group.permissions.set(keys[name] for name in permissions_of(role) if name in keys)
