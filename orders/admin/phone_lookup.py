"""What the form of a phone order offers while one types: products, customers of before."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse

from core.admin.bases import AnyPage
from core.admin.pages import AdminPage
from core.formats import money
from core.queries.search import first_found
from inventory.models import Product
from inventory.queries.search import product_ways
from orders.models import Order
from orders.queries.customers import customers_found, newest_order_of

PERMISSION = "orders.add_order"
SEES_ORDERS = "orders.view_order"
MOST_OFFERED = 10
# What an earlier order says of its customer, by the names of the form's fields.
OF_CUSTOMER = (
    "customer_name",
    "customer_email",
    "customer_language",
    "recipient",
    "street",
    "postcode",
    "city",
    "region",
    "country",
)


def products_view(admin: AnyPage, request: HttpRequest) -> JsonResponse:
    """Answer with products whose SKU, barcode or name matches ``term``."""
    term = request.GET.get("term", "").strip()
    if term:
        products = [product for _match, product in first_found(_ways(term), limit=MOST_OFFERED)]
    else:
        products = list(Product.objects.filter(is_enabled=True).order_by("sku")[:MOST_OFFERED])
    return _offers((product.sku, _described(product)) for product in products)


def customers_view(admin: AnyPage, request: HttpRequest) -> JsonResponse:
    """Answer with the customers that ``term`` finds, or with what is known of ``email``."""
    if not request.user.has_perm(SEES_ORDERS):
        raise PermissionDenied
    email = request.GET.get("email")
    if email is not None:
        order = newest_order_of(email) if "@" in email else None
        return JsonResponse({"customer": customer_of(order) if order else None})
    orders = customers_found(request.GET.get("term", ""))
    return _offers((order.customer_email, order.customer_name) for order in orders)


PRODUCTS = AdminPage("phone/products/", products_view, "orders_order_products", "GET", PERMISSION)
CUSTOMERS = AdminPage(
    "phone/customers/", customers_view, "orders_order_customers", "GET", PERMISSION
)


def customer_of(order: Order) -> dict[str, str]:
    """Return what an order says of its customer, by the names of the form's fields."""
    return {name: getattr(order, name) for name in OF_CUSTOMER}


def _ways(term: str) -> Any:
    for way in product_ways(term):
        yield type(way)(way.match, way.rows.filter(is_enabled=True))


def _described(product: Product) -> str:
    return f"{product.name} · {money(product.price, settings.SITE_CURRENCY)}"


def _offers(found: Any) -> JsonResponse:
    """Answer as the script that offers codes reads it."""
    return JsonResponse({"results": [{"text": text, "label": label} for text, label in found]})
