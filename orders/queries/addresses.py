"""Addresses as they are written on letters."""

from core.countries import country_name, locality_lines
from inventory.models import Source
from orders.models import Order


def address_lines(address: Order | Source) -> list[str]:
    """Return the lines of an address that have something on them, in the current language."""
    locality = locality_lines(
        address.country, city=address.city, region=address.region, postcode=address.postcode
    )
    return [part for part in (address.street, *locality, country_name(address.country)) if part]


def address_of(order: Order) -> list[str]:
    """Return where an order is sent, the recipient first."""
    return [part for part in (order.recipient, *address_lines(order)) if part]
