"""Shipments that tests move many at once, and when and how they do."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.acts import Act
from core.operations.bulk import apply, preview
from core.operations.bulk.row_plans import BulkRow
from fulfillment.admin.review.actions import ON_SHIPMENTS
from fulfillment.admin.review.outcomes import sentence_in_words
from fulfillment.models import Shipment
from fulfillment.review.bulk import ROW_ACTIONS
from fulfillment.review.bulk_change import ShipmentBulkChange
from inventory.models import Product, SalesChannel
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory
from tests.factories.orders import OrderFactory
from tests.present import present

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
TODAY = date(2026, 3, 31)
AT = Act(NOW)
CHOOSE = reverse("admin:fulfillment_shipment_review_bulk")
SLUGS = {action.code: action.slug for action in ON_SHIPMENTS}


def backorder(number: str, channel: SalesChannel, **columns: dict[Product, int]) -> Shipment:
    lines = columns.pop("lines", None) or {ProductFactory(): 1}
    return BackorderFactory(
        number=number, order=OrderFactory(channel=channel), lines=lines, **columns
    )


def said(row: BulkRow) -> str:
    """What a row gets, or why it stays."""
    sentence = present(row.refusal or row.effect)
    return sentence_in_words(sentence.message, sentence.values)


def effects(shipments: Any, change: ShipmentBulkChange) -> list[tuple[bool, str]]:
    """What the preview says of each."""
    keys = [shipment.pk for shipment in shipments]
    rows = preview.planned(ROW_ACTIONS[change.action], keys, change, AT)
    return [(row.is_change, said(row)) for row in rows]


def make_together(keys: Any, change: ShipmentBulkChange, act: Act = AT) -> list[BulkRow]:
    """Make a change for these in one transaction."""
    with transaction.atomic():
        rows, _is_written = apply.make_rows(ROW_ACTIONS[change.action], keys, change, act, {})
    return rows


def make(key: Any, change: ShipmentBulkChange, act: Act = AT) -> BulkRow:
    [row] = make_together([key], change, act)
    return row


def confirmed(change: ShipmentBulkChange, keys: Any) -> Any:
    """Have it previewed, and confirm it as a person does."""
    values = {
        "zone": "UTC",
        "priority": change.priority,
        "source": change.source,
        "expected_on": change.expected_on and change.expected_on.isoformat(),
    }
    shown = preview.preview(change.action, keys, values, AT, page=1, page_size=50)
    return apply.confirm(
        apply.BulkRequest(
            change.action.value,
            tuple(keys),
            values,
            "Test",
            shown.snapshot,
            {"reason": change.reason},
            "/review/?held=false&sort=value",
        ),
        AT,
    )


def by_a_worker(monkeypatch: pytest.MonkeyPatch, *, chunk: int | None = None) -> None:
    """Have a worker make every change, so many shipments in one transaction."""
    for code, action in ROW_ACTIONS.items():
        size = chunk if chunk and action.chunk > 1 else action.chunk
        action = replace(action, at_once=lambda: 0, chunk=size)
        monkeypatch.setitem(preview.ACTIONS, code, action)


def address_of(client: Client, action: str, **chosen: Any) -> str:
    """Select shipments on the review, and return the address of the page that it leads to."""
    answer = client.post(CHOOSE, {"action": action, **chosen})
    assert answer.status_code == 302, answer.status_code
    return str(answer["Location"])


def shown(client: Client, action: Any, asked: Any = None, **chosen: Any) -> Any:
    """Select shipments, fill in what the action asks for, and have it previewed."""
    address = address_of(client, action, **chosen)
    fields = "".join(f"&{name}={value}" for name, value in (asked or {}).items())
    return client.get(f"{address}&asked=1{fields}")


def confirm(client: Any, page: Any, **more: Any) -> Any:
    """Press the button below a preview."""
    sent = {"snapshot": page.context["snapshot"], "reason": "Fair", **more}
    return client.post(page.wsgi_request.get_full_path(), sent)


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]
