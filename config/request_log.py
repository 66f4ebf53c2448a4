"""Logs each request with the address it came from."""

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from core.network_addresses import address_of


class RequestLogMiddleware(RequestMiddleware):
    """Takes a client's address from the proxy in front alone: anybody can send the header that
    tells it."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Add the address to each line of this request."""
        structlog.contextvars.bind_contextvars(ip=address_of(request))
