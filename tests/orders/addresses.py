"""An address that ship to home takes."""

from orders.placing.request import Address

HOME = Address(
    recipient="Ada Example",
    street="1 High Street",
    city="London",
    postcode="SW1A 1AA",
    country="GB",
)
HOME_BODY = {
    "recipient": HOME.recipient,
    "street": HOME.street,
    "city": HOME.city,
    "postcode": HOME.postcode,
    "country": HOME.country,
}
