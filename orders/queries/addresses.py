"""Addresses as they are written on letters."""

from collections.abc import Mapping

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


def shipped_address(order: Order, shipped_to: Mapping[str, str] | None) -> list[str]:
    """Return the lines of the address that a shipment of an order goes to, or was shipped to."""
    return address_of(order if shipped_to is None else Order(**shipped_to))
