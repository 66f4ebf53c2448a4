"""One change of a placed order as it is asked for, as values; PURE."""

from dataclasses import dataclass

from orders.placing.request import Address


@dataclass(frozen=True, slots=True)
class NewContact:
    """What of the customer is set; None stays as it is."""

    name: str | None = None
    email: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What of an order is set; what is left out stays as it is. Nothing in it has been checked.

    ``address`` takes the place of the whole address, coordinates included. With
    ``chooses_sources_again`` READY shipments are given the sources that the new address asks for.
    """

    contact: NewContact | None = None
    address: Address | None = None
    chooses_sources_again: bool = False
