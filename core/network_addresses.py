"""The network address that a request came from."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

# Of a connection that has none.
UNKNOWN_ADDRESS = "::"
# One customer of a provider has as many addresses of IPv6 as it likes.
IPV6_PREFIX_BITS = 64


def address_of(request: HttpRequest) -> str:
    """Return the address that a request came from; behind a proxy, the one that the proxy saw."""
    if settings.BEHIND_PROXY:
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
        if seen := forwarded.rpartition(",")[2].strip():
            return _bare(seen)
    return _bare(str(request.META.get("REMOTE_ADDR", "")))


def _bare(address: str) -> str:
    """Return an address without what some proxies add: a port, brackets, a network interface."""
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1 and "." in address:
        address = address.partition(":")[0]
    return address.partition("%")[0]


def ip_of(request: HttpRequest) -> str:
    """Return the address that a request came from, ``::`` where it is none of the internet's."""
    try:
        return str(ip_address(address_of(request)))
    except ValueError:
        return UNKNOWN_ADDRESS


def network_of(address: str) -> str:
    """Return what one sender is known by: its address, of IPv6 the part that is given to it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return f"{int(parsed) >> (128 - IPV6_PREFIX_BITS):x}::/{IPV6_PREFIX_BITS}"
    return address
