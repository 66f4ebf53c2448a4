"""Lists of what belongs to orders, searched as the orders are."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin.theme import LogAdmin
from orders.queries.search import rows_of_orders_matching


class OrderLogAdmin(LogAdmin):
    """Rows of orders. ``order_path`` leads to the order; ``reference`` names a column, with an
    index, whose whole text finds a row too.
    """

    order_path = "order"
    reference = ""
    ordering = ("-pk",)
    # Makes the search box appear; get_search_results does the search.
    search_fields = ("order__number",)
    search_help_text = _("Number, e-mail, SKU or customer of the order, from its beginning")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search as the list of orders does, which indexes answer."""
        found = rows_of_orders_matching(
            queryset, search_term, order=self.order_path, reference=self.reference
        )
        return found, False
