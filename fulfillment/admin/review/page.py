"""The backorder review: filtered, sorted, with an explanation beside the list, or as a file."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin.bases import AnyPage
from core.admin.pages import answer, csv_file
from fulfillment.admin.remedies import User
from fulfillment.admin.review import cells
from fulfillment.admin.review.panel import panel_context
from fulfillment.admin.review.request import (
    VIEW,
    ReviewRequest,
    chips,
    filter_groups,
    review_request,
)
from fulfillment.admin.review.selection import NAME, offered_actions
from fulfillment.models import ReviewView, Shipment, WaitingFigures
from fulfillment.review.listing import (
    QUEUE_ORDER,
    SORTS,
    Counts,
    counts_by_age,
    in_order,
    is_queue_long,
    page_of,
)
from fulfillment.review.rows import ReviewRow, rows_of
from fulfillment.review.saved_views import COLUMN_LABELS, columns_of, known, views_for
from inventory.files.cells import lines

SORTABLE = {*SORTS, "age"}
# Filters by what the last run found of each shipment.
ASKED_OF_EACH = {"reason", "next_supply"}


def review_page(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Show one page of backorders."""
    question = review_request(request)
    views = list(views_for(_user_id(request)))
    columns = columns_shown(request, question, views)
    page = page_of(question.shipments(), sort=question.sort, number=question.page)
    rows = rows_of(page.shipments, now=question.moment.now, zone=question.moment.zone)
    counts = _counts(question)
    form = question.filterset().form
    context = {
        "asked": question,
        "headings": _headings(question, columns),
        "rows": [_shown(question, row, columns) for row in rows],
        "page": page,
        "bands": _bands(question, counts),
        "total": None if counts is None else counts.of(question.parameters.get("age", "")),
        "is_countable": question.is_countable,
        "previous_page": question.address(page=page.number - 1) if page.number > 1 else "",
        "next_page": question.address(page=page.number + 1) if page.has_next else "",
        "queue_address": question.address(sort=None) if question.sort != QUEUE_ORDER else "",
        "form": form,
        "filter_groups": filter_groups(form),
        "chips": chips(question, form),
        "views": _views(question, views, request),
        "own_view": next(
            (v for v in views if v.pk == question.view and v.owner == request.user), None
        ),
        "shows_state": "state" in columns,
        "columns": [(name, label, name in columns) for name, label in COLUMN_LABELS.items()],
        "current": question.parameters.urlencode(),
        "export_address": f"{reverse(NAME + '_export')}{question.address()}",
        "actions": offered_actions(request),
        "bulk_address": reverse(f"{NAME}_bulk"),
        "close_address": question.address(open=None),
        "panel": _panel(question, request.user),
        "opts": None,
    }
    return answer(admin, request, "fulfillment/review/page.html", _("Backorder review"), context)


def columns_shown(
    request: HttpRequest, question: ReviewRequest, views: list[ReviewView]
) -> list[str]:
    """Return the columns of the view in use, else the person's own."""
    in_use = [view for view in views if view.pk == question.view]
    chosen = known(in_use[0].columns) if in_use else []
    return chosen or columns_of(_user_id(request))


def exported(request: HttpRequest) -> tuple[ReviewRequest, list[str], list[int]]:
    """Return what an export asks for, its columns, and the shipments' keys in order."""
    question = review_request(request)
    columns = columns_shown(request, question, list(views_for(_user_id(request))))
    keys = in_order(question.shipments(), question.sort).values_list("pk", flat=True)
    return question, columns, list(keys)


def _user_id(request: HttpRequest) -> int:
    return int(request.user.pk or 0)


def _shown(question: ReviewRequest, row: ReviewRow, columns: list[str]) -> dict[str, Any]:
    return {
        "row": row,
        "shipment": row.shipment,
        "cells": [(name, COLUMN_LABELS[name], cells.lines_of(row, name)) for name in columns],
        "address": question.address(open=row.shipment.pk),
        "fragment": reverse(f"{NAME}_explanation", args=[row.shipment.pk]),
        "is_open": row.shipment.pk == question.opened,
    }


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


def _views(
    question: ReviewRequest, views: list[ReviewView], request: HttpRequest
) -> list[dict[str, Any]]:
    return [
        {
            "name": view.name,
            "address": f"?{view.querystring}&{urlencode({VIEW: view.pk})}".replace("?&", "?"),
            "is_chosen": view.pk == question.view,
            "shared_by": "" if view.owner == request.user else view.owner.get_username(),
            "is_shared": view.is_shared,
        }
        for view in views
    ]


def _panel(question: ReviewRequest, user: User) -> dict[str, Any] | None:
    shipment = Shipment.objects.filter(pk=question.opened).first() if question.opened else None
    return panel_context(shipment.pk, question.moment, user) if shipment else None


CHUNK = 500


def export(admin: AnyPage, request: HttpRequest) -> StreamingHttpResponse:
    """Answer with what matches as CSV, read and sent in parts."""
    question, columns, keys = exported(request)
    header = [_("Shipment"), *(str(COLUMN_LABELS[name]) for name in columns)]
    name = f"backorders-{question.moment.today}.csv"
    return csv_file(lines(header, _rows(question, columns, keys)), name)


def _rows(question: ReviewRequest, columns: list[str], keys: list[int]) -> Iterator[list[str]]:
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        shipments = Shipment.objects.with_names().in_bulk(chunk)
        present = [shipments[key] for key in chunk if key in shipments]
        for row in rows_of(present, now=question.moment.now, zone=question.moment.zone):
            texts = ("; ".join(cells.lines_of(row, name)) for name in columns)
            yield [row.shipment.number, *texts]
