"""Whether an order says where it goes."""

from collections.abc import Collection, Iterator

from core.countries import UNKNOWN, country_code
from core.text import gettext_noop as _
from inventory.postcodes import has_postcodes
from inventory.selling import SalableProduct
from orders.placing.request import SHIP_TO_HOME, Address, OrderRequest
from orders.placing.validation import OrderProblem

MISSING = {
    "recipient": _("Give the recipient: the order is shipped to home."),
    "street": _("Give the street: the order is shipped to home."),
    "city": _("Give the city: the order is shipped to home."),
    "country": _("Give the country: the order is shipped to home."),
}
POSTCODE_MISSING = _("Give the postcode; only addresses in countries without postcodes have none.")


def address_problems(
    request: OrderRequest, products: Collection[SalableProduct | None]
) -> list[OrderProblem]:
    """Return what the address of an order lacks, each fault at its field.

    ``products`` are those of its lines, None for one that is not known. Orders of virtual products
    only, and pickup orders, need no address; a country that is named is one all the same.

    Rule: §20, addresses.
    """
    is_virtual = bool(products) and all(found and found.is_virtual for found in products)
    country = request.address.country.strip()
    found = []
    if request.fulfillment_method == SHIP_TO_HOME and not is_virtual:
        found += [*_missing(request.address)]
    if country and country_code(country) is None:
        found.append(
            OrderProblem(
                "UNKNOWN_COUNTRY", UNKNOWN, path="address/country", values={"value": country}
            )
        )
    return found


def stored_country(country: str) -> str:
    """Return the code that is kept of a country's code or name."""
    return country_code(country) or country


def _missing(address: Address) -> Iterator[OrderProblem]:
    for name, message in MISSING.items():
        if not getattr(address, name).strip():
            yield OrderProblem("ADDRESS_INCOMPLETE", message, path=f"address/{name}")
    code = country_code(address.country)
    may_have_one = has_postcodes(code) if code else not address.country.strip()
    if may_have_one and not address.postcode.strip():
        yield OrderProblem("ADDRESS_INCOMPLETE", POSTCODE_MISSING, path="address/postcode")
