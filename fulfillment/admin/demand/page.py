"""The demand for each product: what waits, what is coming, what to order."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin.bases import AnyPage
from core.admin.pages import AdminPage, answer, csv_file
from core.clock import site_zone, today
from core.currencies import exact_text
from core.formats import money, quantity, whole
from fulfillment.admin.charts import Cell, Chart, Point
from fulfillment.admin.list_links import ListLinks
from fulfillment.queries.demand import DemandPage, ProductDemand, all_demand, demand_of, demand_page
from inventory.files.cells import Value, cell_of, lines
from inventory.files.spreadsheets import xlsx_of

VIEW, ORDER = "fulfillment.view_shipment", "inventory.add_futuresupply"
PAGE_SIZE = 50
DRAWN = 10
LONGEST_WORDS = 64
LONGEST_NUMBER = 6
DEMAND_COLUMNS = (
    "sku",
    "name",
    "waiting",
    "waiting_since",
    "value",
    "coming",
    "short",
    "below_notify_quantity",
    "back_in_stock_requests",
    "order_multiple",
    "proposed",
)
# As a file of future supply has them, so that it can be edited and imported.
PROPOSAL_COLUMNS = ("sku", "source_code", "quantity", "expected_on", "reference")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def demand_page_view(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Show a page of products, what is short first."""
    words = _words(request)
    number = _number(request)
    page = demand_page(words=words, first=(number - 1) * PAGE_SIZE, count=PAGE_SIZE)
    rows = demand_of(page.product_ids, today=today())
    links = ListLinks(request, site_zone())
    context = {
        "words": words,
        "page": page,
        "rows": [_shown(row, links) for row in rows],
        "chart": _chart(rows[:DRAWN], links) if number == 1 and rows else None,
        "may_order": request.user.has_perm(ORDER),
        "files": urlencode({"q": words}) if words else "",
        "earlier": _address(words, number - 1) if number > 1 else "",
        "later": _address(words, number + 1) if _has_more(page, number) else "",
    }
    return answer(admin, request, "fulfillment/demand/page.html", _("Demand"), context)


def demand_file(admin: AnyPage, request: HttpRequest, kind: str, ending: str) -> HttpResponseBase:
    """Answer with all products, or all proposals, as a file."""
    found = all_demand(words=_words(request), today=today())
    rows = _demand_rows(found) if kind == "demand" else _proposal_rows(found)
    columns = DEMAND_COLUMNS if kind == "demand" else PROPOSAL_COLUMNS
    name = f"{kind}-{today():%Y-%m-%d}.{ending}"
    if ending == "csv":
        return csv_file(lines(columns, rows), name)
    workbook = xlsx_of([columns, *(list(map(cell_of, row)) for row in rows)])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(workbook, content_type=XLSX, headers=headers)


def demand_csv(admin: AnyPage, request: HttpRequest) -> HttpResponseBase:
    return demand_file(admin, request, "demand", "csv")


def demand_xlsx(admin: AnyPage, request: HttpRequest) -> HttpResponseBase:
    return demand_file(admin, request, "demand", "xlsx")


def proposals_csv(admin: AnyPage, request: HttpRequest) -> HttpResponseBase:
    return demand_file(admin, request, "order-proposals", "csv")


def proposals_xlsx(admin: AnyPage, request: HttpRequest) -> HttpResponseBase:
    return demand_file(admin, request, "order-proposals", "xlsx")


NAME = "fulfillment_demand"
DEMAND_PAGES = (
    AdminPage("demand/", demand_page_view, NAME, "GET", VIEW),
    AdminPage("demand/demand.csv", demand_csv, f"{NAME}_csv", "GET", VIEW),
    AdminPage("demand/demand.xlsx", demand_xlsx, f"{NAME}_xlsx", "GET", VIEW),
    AdminPage("demand/proposals.csv", proposals_csv, f"{NAME}_proposals_csv", "GET", VIEW),
    AdminPage("demand/proposals.xlsx", proposals_xlsx, f"{NAME}_proposals_xlsx", "GET", VIEW),
)


def _words(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_WORDS]


def _number(request: HttpRequest) -> int:
    text = request.GET.get("p", "1")
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return max(int(text), 1) if is_number else 1


def _has_more(page: DemandPage, number: int) -> bool:
    return page.count > number * PAGE_SIZE


def _address(words: str, number: int) -> str:
    return f"?{urlencode({'q': words, 'p': str(number)})}"


def _shown(row: ProductDemand, links: ListLinks) -> dict[str, Any]:
    return {
        "row": row,
        "values": ", ".join(money(value.amount, value.currency) for value in row.values),
        "since": row.since and row.since.astimezone(site_zone()).date(),
        "waiting_address": links.review(sku=row.product.sku) if row.waiting else "",
    }


def _chart(rows: Sequence[ProductDemand], links: ListLinks) -> Chart:
    """Return the units that wait beside those that are coming, of the products most short."""
    return Chart(
        key="demand",
        title=_("Backordered and incoming units"),
        summary=ngettext(
            "The product with the most short units.",
            "The %(count)s products with the most short units.",
            len(rows),
        )
        % {"count": whole(len(rows))},
        axis=_("Product"),
        columns=(_("Backordered units"), _("Incoming units")),
        points=[
            Point(
                row.product.sku,
                row.product.sku if len(rows) <= DRAWN // 2 else "",
                (row.waiting, row.coming),
                (
                    Cell(quantity(row.waiting), links.review(sku=row.product.sku)),
                    Cell(quantity(row.coming)),
                ),
            )
            for row in rows
        ],
        words=quantity,
    )


def _demand_rows(found: Iterator[ProductDemand]) -> Iterator[tuple[Value, ...]]:
    zone = site_zone()
    for row in found:
        product = row.product
        yield (
            product.sku,
            product.name,
            row.waiting,
            row.since and row.since.astimezone(zone).date(),
            ", ".join(f"{exact_text(v.amount, v.currency)} {v.currency}" for v in row.values),
            row.coming,
            row.short,
            row.below_notify,
            row.asked_count,
            product.order_multiple,
            row.proposed,
        )


def _proposal_rows(found: Iterator[ProductDemand]) -> Iterator[tuple[Value, ...]]:
    for row in found:
        for line in row.lines:
            yield (row.product.sku, line.source_code, line.quantity, line.expected_on, "")
