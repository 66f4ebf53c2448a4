"""What every text of the database is to the data of customers: one table.

A test walks all models: each text, document or binary field stands here once.

Rule: People, access, personal data (domain.md §24).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db.models import Field

# Emptied in each row of an erased order: the path from the row to its order, and what is written.
OF_ORDERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "orders.Order": (
        "pk",
        {
            **dict.fromkeys(("recipient", "street", "city", "region", "postcode"), ""),
            **dict.fromkeys(("latitude", "longitude")),
            "customer_name": "–",
            "request_fingerprint": "",
        },
    ),
    "orders.OrderEmail": (
        "order",
        {"subject": "", "body": "", "last_error": "", "bounce_id": "", "context": {}},
    ),
    "orders.OrderNote": ("order", {"text": "…"}),
    "orders.Payment": ("order", {"token": ""}),
    "fulfillment.Shipment": ("order", {"hold_note": "", "shipped_to": None}),
    "fulfillment.ShipmentNote": ("shipment__order", {"text": "…"}),
    "fulfillment.DelayDecision": ("request__order", {"text": "", "note": ""}),
    "fulfillment.Parcel": ("shipment__order", {"tracking_number": ""}),
}
# E-mail addresses by which a person is known; rows with one are deleted, orders get another.
ADDRESSES: Mapping[str, str] = {
    "orders.Order": "customer_email",
    "orders.OrderEmail": "recipient",
    "inventory.BackInStockRequest": "recipient",
    "core.PasswordResetRequest": "email",
}
# Free texts in which a person may be named: the words are replaced where they stand.
SEARCHED: Mapping[str, str] = {
    "fulfillment.Shipment": "care_reason spell",
    "fulfillment.DemandDigest": "subject body last_error",
    "fulfillment.ReleaseRun": "reason scope message_values drift",
    "fulfillment.ReleaseDecision": "detail",
    "fulfillment.RuleEmail": "recipient subject body last_error",
    "fulfillment.ScheduledWorkEvent": "name args kwargs description",
    "fulfillment.ShipmentEvent": "reason detail",
    "fulfillment.PickScan": "key",
    "orders.Order": "idempotency_key",
    "orders.OrderLine": "name",
    "orders.Cancellation": "reason idempotency_key",
    "orders.Refund": "reason idempotency_key",
    "orders.PaymentOperation": "idempotency_key message review_note",
    "orders.OrderChange": "reason idempotency_key steps",
    "orders.Return": "reason idempotency_key",
    "inventory.FutureSupply": "reference",
    "inventory.FutureSupplyEvent": "reference",
    "inventory.BackInStockRequest": "subject body last_error",
    "inventory.ImportFile": "name text message findings",
    "inventory.ImportStep": "name cells",
    "inventory.LowStockDigest": "subject body last_error",
    "inventory.Delivery": "reference outcome",
    "inventory.Receipt": "reason",
    "inventory.ReceiptReversal": "reason",
    "inventory.Reservation": "reason",
    "core.AccountEmail": "subject body last_error",
    "core.ApiKey": "name",
    "core.ApiKeyEvent": "name",
    "core.Job": "parameters message result",
    "core.BulkChange": "values summary list_address",
    "core.BulkRefusal": "message values shifts",
    "core.IdempotentAnswer": "key body",
    "core.SavedView": "name querystring",
    "admin.LogEntry": "object_repr change_message",
    "pghistory.Context": "metadata",
}
GOODS = "products, places, carriers and channels of the merchant"
TEXTS = "the merchant's own texts and rules for all customers, with placeholders for their data"
STAFF = "staff, whose accounts are kept with what they did"
CODES = "codes, keys and settings of the program"
ENDS = "ends by itself: with the session, or after days"
# What is no data of customers, with why.
NOT_PERSONAL: Mapping[str, Mapping[str, str]] = {
    GOODS: {
        "fulfillment.Carrier": "code name tracking_url",
        "fulfillment.CarrierEvent": "code name tracking_url",
        "orders.OrderLine": "sku",
        "orders.Order": "number country currency customer_language",
        "orders.ReturnLine": "shipment_number",
        "inventory.Product": "sku barcode name",
        "inventory.ProductEvent": "sku barcode name",
        "inventory.Source": "code name description contact_name email phone opening_hours street "
        "city region postcode country work_days closed_days",
        "inventory.SourceEvent": "code name description contact_name email phone opening_hours "
        "street city region postcode country work_days closed_days",
        "inventory.Stock": "code name",
        "inventory.StockEvent": "code name",
        "inventory.SalesChannel": "code name",
        "inventory.SalesChannelEvent": "code name",
        "inventory.BackInStockRequest": "language site",
        "inventory.Reservation": "order_number",
        "fulfillment.Shipment": "number",
        "fulfillment.WaitingFigures": "currency",
    },
    TEXTS: {
        "orders.NoticeText": "subject text",
        "orders.NoticeTextEvent": "subject text",
        "fulfillment.WaitingRule": "name description reason recipients",
        "fulfillment.WaitingRuleEvent": "name description reason recipients",
        "fulfillment.RuleStep": "name",
    },
    STAFF: {
        "auth.User": "password username first_name last_name email",
        "core.UserEvent": "username first_name last_name email",
        "core.AccountEmail": "recipient",
        "inventory.LowStockDigest": "recipient",
        "fulfillment.DemandDigest": "recipient",
        "core.ApiKey": "prefix digest last_address",
        "core.ApiKeyEvent": "prefix",
        "core.PersonLanguage": "language",
        "core.Unsubscription": "digest",
        "core.PasswordResetRequest": "language",
        "core.SecurityEvent": "address name detail collected_as",
        "account.EmailAddress": "email",
        "account.EmailConfirmation": "key",
        "mfa.Authenticator": "data",
        "usersessions.UserSession": "ip session_key user_agent data",
        "core.FailedAttempts": "subject",
        "socialaccount.SocialAccount": "extra_data provider uid",
        "socialaccount.SocialToken": "token token_secret",
    },
    ENDS: {
        "sessions.Session": "session_key session_data",
        "core.PreviewSnapshot": "name content",
        "inventory.ImportFile": "stored_values",
    },
    CODES: {
        "fulfillment.ReleaseRun": "settings_in_force",
        "fulfillment.RuleStep": "shipment_ids",
        "fulfillment.ScheduledWorkEvent": "task queue exchange routing_key headers",
        "orders.OrderEmail": "event_key language",
        "orders.NoticeText": "language",
        "orders.NoticeTextEvent": "language",
        "orders.Payment": "gateway currency gateway_reference",
        "orders.PaymentOperation": "gateway_reference",
        "inventory.InventoryConfiguration": "future_date_limit",
        "inventory.InventoryConfigurationEvent": "future_date_limit",
        "inventory.ImportFile": "digest",
        "core.Job": "kind",
        "core.AccessLimit": "sources stocks",
        "core.BulkChange": "action row_ids snapshot entry_ids",
        "core.BulkRefusal": "names",
        "core.ColumnChoice": "list_name columns",
        "core.SavedView": "list_name columns",
        "core.IdempotentAnswer": "fingerprint",
        "core.GroupEvent": "name",
        "auth.Group": "name",
        "auth.Permission": "name codename",
        "admin.LogEntry": "object_id",
        "contenttypes.ContentType": "app_label model",
        "socialaccount.SocialApp": "client_id key name provider provider_id secret settings",
        "django_celery_beat.CrontabSchedule": "minute hour day_of_month month_of_year day_of_week",
        "django_celery_beat.PeriodicTask": "name task args kwargs queue exchange routing_key "
        "headers description",
    },
}


def searched_fields() -> Iterator["Field[Any, Any]"]:
    """Yield the fields in which a person may be named, in the order of their tables."""
    for label, names in sorted(SEARCHED.items()):
        model = apps.get_model(label)
        for name in names.split():
            yield model._meta.get_field(name)
