"""What every endpoint has in common."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from inventory.api.authentication import KeyAuthentication
from inventory.api.bodies import BodyParser, refuse_large_body
from inventory.api.filters import FilterBackend
from inventory.api.pagination import Pages
from inventory.api.permissions import HasModelPermission
from inventory.api.throttling import UserThrottle


class Endpoint(GenericAPIView[Any]):
    """One address. ``required_permissions`` names the permission that each method asks for."""

    authentication_classes = [KeyAuthentication]
    permission_classes = [HasModelPermission]
    throttle_classes = [UserThrottle]
    parser_classes = [BodyParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = DefaultContentNegotiation
    required_permissions: Mapping[str, str] = {}
    filter_backends: list[Any] = []
    pagination_class = None
    metadata_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_large_body(request)
        # Read before it is parsed, because the fingerprint of a request is made from it.
        _body = request._request.body

    def validated(self, request: Request, **arguments: Any) -> Any:
        """Return the body as the endpoint's serializer reads it.

        :raises rest_framework.exceptions.ValidationError: with every fault.
        """
        serializer = self.get_serializer(data=request.data, **arguments)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def found(self, rows: QuerySet[Any], **named: str) -> Any:
        """Return the one row that the address names.

        :raises rest_framework.exceptions.NotFound: if there is none.
        """
        if any("\x00" in text for text in named.values()):
            raise NotFound
        return get_object_or_404(rows, **named)


class ListEndpoint(Endpoint):
    """An address with a list, in pages, filtered."""

    filter_backends = [FilterBackend]
    pagination_class = Pages

    def page(self, rows: QuerySet[Any]) -> Response:
        """Answer with the page of ``rows`` that is asked for."""
        chosen = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(self.get_serializer(chosen, many=True).data)


class Nowhere(Endpoint):
    """Any address under the API that there is not."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound
