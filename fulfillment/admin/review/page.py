"""The backorder review: filtered, sorted, with an explanation beside the list, or as a file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.admin.bases import AnyPage
from core.admin.list_page.address import short_address
from core.admin.list_page.cards import facts_of
from core.admin.list_page.layout import ListLayout, shown_layout
from core.admin.pages import answer, csv_file
from fulfillment.admin.reason_groups import ReasonGroup, reason_groups
from fulfillment.admin.remedies import User
from fulfillment.admin.review import cell_texts
from fulfillment.admin.review.address import ReviewRequest, chips, filter_groups, review_request
from fulfillment.admin.review.panel import panel_context
from fulfillment.admin.review.selection import NAME, offered_actions
from fulfillment.admin.review.table_cells import TableColumn, cells_of, columns_shown
from fulfillment.models import Shipment, WaitingFigures
from fulfillment.review.list_columns import COLUMN_LABELS, DEFAULT_COLUMNS
from fulfillment.review.listing import (
    QUEUE_ORDER,
    SORTS,
    Counts,
    ShipmentPage,
    counts_by_age,
    in_order,
    is_queue_long,
    page_of,
)
from fulfillment.review.review_rows import ReviewRow, count_reasons, rows_of
from inventory.files.cells import lines

SORTABLE = {*SORTS, "age"}
# Columns of figures stand to the right.
FIGURES = frozenset({"value", "priority"})
# What a phone shows of a shipment, the first of these that there are.
FACTS = ("customer", "missing", "expected")
# Columns that say what the customer was told, and has agreed to.
PROMISED = frozenset({"promised", "informed", "agreed", "request", "request_number", "answer_by"})
# Filters by what the last run found of each shipment.
ASKED_OF_EACH = {"reason", "next_supply"}


def review_layout(admin: AnyPage, request: HttpRequest) -> ListLayout:
    """Return the columns that the review has."""
    return ListLayout(NAME.removeprefix("admin:"), NAME, COLUMN_LABELS, DEFAULT_COLUMNS)


def review_page(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Show one page of backorders."""
    if (shorter := short_address(request)) is not None:
        return shorter
    question = review_request(request)
    layout = shown_layout(review_layout(admin, request), request)
    page = page_of(question.shipments(), sort=question.sort, number=question.page)
    rows = rows_of(
        page.shipments,
        now=question.moment.now,
        zone=question.moment.zone,
        with_promises=not PROMISED.isdisjoint(layout.columns),
    )
    columns = speaking(layout.columns, rows)
    shown = columns_shown(columns, figures=FIGURES, facts=facts_of(columns, FACTS))
    counts = _counts(question)
    form = question.filterset().form
    head = layout.context(request)
    opening = question.address(open="")
    context = {
        "asked": question,
        "headings": _headings(question, columns),
        "rows": [_shown(row, shown, opening, question.opened) for row in rows],
        "page": page,
        "bands": _bands(question, counts),
        "reason_groups": _groups(question, page, rows, counts, request.user),
        "total": None if counts is None else counts.of(question.parameters.get("age", "")),
        "is_countable": question.is_countable,
        "previous_page": question.address(page=page.number - 1) if page.number > 1 else "",
        "next_page": question.address(page=page.number + 1) if page.has_next else "",
        "queue_address": question.address(sort=None) if question.sort != QUEUE_ORDER else "",
        "form": form,
        "filter_groups": filter_groups(form),
        "chips": chips(question, form),
        "list_head": head,
        "tabs": [
            {"label": _("All waiting shipments"), "url": "?", "is_open": not head["current"]},
            _own_tab(request, question),
        ],
        "shows_state": "state" in layout.columns,
        "current": head["current"],
        "export_address": f"{reverse(NAME + '_export')}{question.address()}",
        "actions": offered_actions(request),
        "bulk_address": reverse(f"{NAME}_bulk"),
        "close_address": question.address(open=None),
        "panel": _panel(question, request.user),
        "opts": None,
    }
    return answer(admin, request, "fulfillment/review/page.html", _("Backorder review"), context)


def _own_tab(request: HttpRequest, question: ReviewRequest) -> dict[str, Any]:
    """Return the tab of the open shipments that are assigned to this person."""
    name = request.user.get_username()
    asked = {"assignee": name, "state": ",".join(Shipment.OPEN_STATES)}
    return {
        "label": _("Assigned to you"),
        "url": f"?{urlencode(asked)}",
        "is_open": question.parameters.get("assignee") == name,
    }


def exported(
    request: HttpRequest, layout: ListLayout
) -> tuple[ReviewRequest, list[str], list[int]]:
    """Return what an export asks for, its columns, and the shipments' keys in order."""
    question = review_request(request)
    columns = shown_layout(layout, request).columns
    keys = in_order(question.shipments(), question.sort).values_list("pk", flat=True)
    return question, columns, list(keys)


def _shown(
    row: ReviewRow, columns: Sequence[TableColumn], opening: str, opened: int
) -> dict[str, Any]:
    """Return a row of the table; ``opening`` is the address that ends with what it opens."""
    return {
        "shipment": row.shipment,
        "cells": cells_of(row, columns),
        "address": f"{opening}{row.shipment.pk}",
        "fragment": reverse(f"{NAME}_explanation", args=[row.shipment.pk]),
        "is_open": row.shipment.pk == opened,
    }


def speaking(columns: Sequence[str], rows: Sequence[ReviewRow]) -> list[str]:
    """Return ``columns`` without that of authorizations where no shipment shown has one."""
    is_known = any(row.expires_at for row in rows)
    return [name for name in columns if is_known or name != "expires"]


def _headings(question: ReviewRequest, columns: list[str]) -> list[dict[str, Any]]:
    sort = question.sort
    headings = []
    for name in ("number", *columns):
        up, down = name, f"-{name}"
        label = _("Shipment") if name == "number" else COLUMN_LABELS[name]
        headings.append(
            {
                "name": name,
                "label": label,
                "address": question.address(sort=up if sort == down else down)
                if name in SORTABLE
                else "",
                "is_figure": name in FIGURES,
                "direction": {up: "ascending", down: "descending"}.get(sort, "none"),
            }
        )
    return headings


def _counts(question: ReviewRequest) -> Counts | None:
    """Count waiting shipments; closed ones, or all in a long queue, are too many for a page."""
    if not question.is_countable or (ASKED_OF_EACH & set(question.parameters) and is_queue_long()):
        return None
    shipments = question.shipments(without=("age",))
    return counts_by_age(shipments, today=question.moment.today, zone=question.moment.zone)


def _bands(question: ReviewRequest, counts: Counts | None) -> list[dict[str, Any]]:
    chosen = question.parameters.get("age", "")
    bands = [("", _("All ages")), *WaitingFigures.Band.choices]
    return [
        {
            "label": label,
            "count": None if counts is None else counts.of(band),
            "address": question.address(age=band or None),
            "is_chosen": chosen == band,
            "code": band or "ALL",
        }
        for band, label in bands
    ]


# To group more shipments by what the last runs found of them would take longer than the page.
MOST_GROUPED = 2_000


def _groups(
    question: ReviewRequest,
    page: ShipmentPage,
    rows: Sequence[ReviewRow],
    counts: Counts | None,
    user: User,
) -> list[ReasonGroup]:
    """Return what is listed, in groups by reason; none of a list that is too long."""
    if counts is None or counts.total > MOST_GROUPED:
        return []
    if page.number == 1 and not page.has_next:
        reasons = Counter(reason for row in rows for reason in row.reasons)
    else:
        states = dict(question.shipments().order_by().values_list("pk", "state"))
        reasons = count_reasons(states, today=question.moment.today)
    return reason_groups(reasons, user, lambda reason: question.address(reason=reason))


def _panel(question: ReviewRequest, user: User) -> dict[str, Any] | None:
    shipment = Shipment.objects.filter(pk=question.opened).first() if question.opened else None
    return panel_context(shipment.pk, question.moment, user) if shipment else None


CHUNK = 500


def export(admin: AnyPage, request: HttpRequest) -> StreamingHttpResponse:
    """Answer with what matches as CSV, read and sent in parts."""
    question, columns, keys = exported(request, review_layout(admin, request))
    header = [_("Shipment"), *(str(COLUMN_LABELS[name]) for name in columns)]
    name = f"backorders-{question.moment.today}.csv"
    return csv_file(lines(header, _rows(question, columns, keys)), name)


def _rows(question: ReviewRequest, columns: list[str], keys: list[int]) -> Iterator[list[str]]:
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        shipments = Shipment.objects.with_names().in_bulk(chunk)
        present = [shipments[key] for key in chunk if key in shipments]
        for row in rows_of(present, now=question.moment.now, zone=question.moment.zone):
            texts = ("; ".join(cell_texts.lines_of(row, name)) for name in columns)
            yield [row.shipment.number, *texts]
