"""What every endpoint has in common."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import BasePagination
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from core.api.authentication import KeyAuthentication
from core.api.bodies import BodyParser, refuse_large_body
from core.api.filters import FilterBackend
from core.api.pagination import PAGE_PARAMETERS, Pages
from core.api.parameters import refuse_unknown_parameters
from core.api.permissions import HasModelPermission
from core.api.throttling import UserThrottle
from core.text import is_storable


class Endpoint(GenericAPIView[Any]):
    """One address. ``required_permissions`` names the permission that each method asks for."""

    authentication_classes = [KeyAuthentication]
    permission_classes = [HasModelPermission]
    throttle_classes = [UserThrottle]
    parser_classes = [BodyParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = DefaultContentNegotiation
    required_permissions: Mapping[str, str] = {}
    # What the address takes beside its filters and pages, by method.
    query_parameters: Mapping[str, Collection[str]] = {}
    filter_backends: list[Any] = []
    pagination_class: type[BasePagination] | None = None
    metadata_class = None
    # No OPTIONS: the description says what each address takes.
    http_method_names = ["get", "head", "post", "patch", "delete"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in self.allowed_methods:
            refuse_unknown_parameters(request, self.known_parameters(request))
        refuse_large_body(request)
        # Read before it is parsed, because the fingerprint of a request is made from it.
        _body = request._request.body
        if request.method in {"POST", "PATCH"}:
            # What is wrong with a body is told before what its address names is looked for.
            _parsed = request.data

    def known_parameters(self, request: Request) -> dict[str, bool]:
        """Return the query parameters of the method, and whether each may be repeated."""
        method = "GET" if request.method == "HEAD" else str(request.method)
        return dict.fromkeys(self.query_parameters.get(method, ()), False)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep answers out of caches: most hold personal data, and all change at any moment."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    def validated(
        self, request: Request, body: type[BaseSerializer[Any]] | None = None, **arguments: Any
    ) -> Any:
        """Return the body as ``body`` reads it; left out, the endpoint's serializer.

        :raises rest_framework.exceptions.ValidationError: with every fault.
        """
        serializer = (body or self.get_serializer)(data=request.data, **arguments)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def found(self, rows: QuerySet[Any], **named: Any) -> Any:
        """Return the one row that the address names.

        :raises rest_framework.exceptions.NotFound: if there is none.
        """
        if not all(is_storable(str(value)) for value in named.values()):
            raise NotFound
        return get_object_or_404(rows, **named)

    def shown(self, rows: Sequence[Any]) -> Any:
        """Return rows as answers have them."""
        return self.get_serializer(rows, many=True).data


class RowEndpoint(Endpoint):
    """The address of one row."""

    def get(self, request: Request, *args: Any, **named: Any) -> Response:
        [body] = self.shown([self.found(self.get_queryset(), **named)])
        return Response(body)


class ListEndpoint(Endpoint):
    """An address with a list, in pages, filtered."""

    filterset_class: Any = None
    filter_backends = [FilterBackend]
    pagination_class = Pages

    def known_parameters(self, request: Request) -> dict[str, bool]:
        known = super().known_parameters(request)
        if request.method in {"GET", "HEAD"}:
            known |= dict.fromkeys(PAGE_PARAMETERS, False)
            known |= {
                name: isinstance(one, filters.MultipleChoiceFilter)
                for name, one in getattr(self.filterset_class, "base_filters", {}).items()
            }
        return known

    def get(self, request: Request, *args: Any, **named: Any) -> Response:
        return self.page(self.get_queryset())

    def page(self, rows: QuerySet[Any]) -> Response:
        """Answer with the page of ``rows`` that is asked for."""
        chosen = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(self.shown(chosen or ()))


class Nowhere(Endpoint):
    """Any address under the API that there is not."""

    schema = None

    def known_parameters(self, request: Request) -> dict[str, bool]:
        """Whatever is asked, the answer is that there is nothing."""
        return dict.fromkeys(request.query_params, True)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound
