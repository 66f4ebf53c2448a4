"""The columns that the review can show."""

from django.utils.translation import gettext_lazy as _

COLUMN_LABELS = {
    "order": _("Order"),
    "customer": _("Customer"),
    "state": _("State"),
    "age": _("Age"),
    "expected": _("Expected"),
    "promised": _("Promised"),
    "informed": _("Customer informed"),
    "agreed": _("Agreed date"),
    "request": _("Delay request"),
    "request_number": _("Request number"),
    "answer_by": _("Answer by"),
    "missed": _("Missed promises"),
    "value": _("Value"),
    "missing": _("Missing"),
    "why": _("Why"),
    "next_supply": _("Next supply"),
    "expires": _("Authorization expires"),
    "priority": _("Priority"),
    "channel": _("Sales channel"),
    "stock": _("Stock"),
    "method": _("Fulfillment method"),
    "source": _("Source"),
    "assignee": _("Assigned to"),
}
DEFAULT_COLUMNS = (
    "customer",
    "age",
    "expected",
    "value",
    "missing",
    "why",
    "next_supply",
    "expires",
)
