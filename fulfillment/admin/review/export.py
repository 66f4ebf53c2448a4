"""The review as a file: all that match, in the order and the columns shown."""

from collections.abc import Iterator

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _

from fulfillment.admin.review import cells as wording
from fulfillment.admin.review.page import exported
from fulfillment.admin.review.request import ReviewRequest
from fulfillment.models import Shipment
from fulfillment.review.columns import COLUMN_LABELS
from fulfillment.review.rows import rows_of
from inventory.files.writing import lines

CHUNK = 500


def export(admin: ModelAdmin, request: HttpRequest) -> StreamingHttpResponse:
    """Answer with what matches as CSV, read and sent in parts."""
    question, columns, keys = exported(admin, request)
    header = [_("Shipment"), *(str(COLUMN_LABELS[name]) for name in columns)]
    return StreamingHttpResponse(
        lines(header, _rows(question, columns, keys)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="backorders-{question.moment.today}.csv"'
        },
    )


def _rows(question: ReviewRequest, columns: list[str], keys: list[int]) -> Iterator[list[str]]:
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        shipments = Shipment.objects.select_related(
            "order__channel", "stock", "source", "pickup_source"
        ).in_bulk(chunk)
        present = [shipments[key] for key in chunk if key in shipments]
        for row in rows_of(present, now=question.moment.now, zone=question.moment.zone):
            cells = ("; ".join(wording.lines_of(row, name)) for name in columns)
            yield [row.shipment.number, *cells]
