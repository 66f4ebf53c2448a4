"""The page of what each role may do, from the table of roles."""

from django.apps import apps

from docs.tables import table
from fulfillment.roles import APPS, ROLES

INTRODUCTION = """\
A person has the permissions of all roles that they have. Superusers may do everything; only they
decide roles and permissions. A key of the HTTP API may do what its user may. Both may be
limited to sources and stocks: see [log-in](../operations/log-in.md#limits).

*view* opens lists and pages and exports them, *add* and *change* include import and bulk changes,
and *receive* books deliveries of future supply and takes receipts back, and gets the daily e-mail
about low stock. *cancel* and *refund* are asked for by cancels, substitutes and refunds of orders,
their shipments and returns; to change orders gives neither. A dash is no permission: the menu then
has no such entry.
"""
TITLES = {
    "core": "Background work",
    "inventory": "Inventory",
    "orders": "Orders",
    "fulfillment": "Fulfillment",
}


def page() -> str:
    """Return the page's text below its title."""
    return "\n".join([INTRODUCTION, *(_section(app) for app in APPS)])


def _section(app: str) -> str:
    granted = {name for role in ROLES.values() for name in role}
    names = sorted(name for name in granted if name.startswith(f"{app}."))
    rows = [(_label(name), *(_actions(role, name) for role in ROLES)) for name in names]
    return f"## {TITLES[app]}\n\n{table(('Record', *ROLES), sorted(rows))}\n"


def _label(name: str) -> str:
    plural = str(apps.get_model(name)._meta.verbose_name_plural)
    return plural[:1].upper() + plural[1:]


def _actions(role: str, name: str) -> str:
    return ", ".join(ROLES[role].get(name, ("–",)))
