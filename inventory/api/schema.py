"""What OpenAPI says beyond what endpoints say of themselves."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The version that you have seen, or *; 412 if it is another now.",
    pattern=r'^("[0-9]{1,10}"|\*)$',
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key and request again has the same answer, and no second effect.",
    pattern=r"^[A-Za-z0-9_.-]{1,200}$",
)
REFUSALS = {
    "400": "Not valid",
    "401": "No valid key",
    "403": "Not permitted",
    "404": "Not there",
    "406": "Not to be had in this form",
    "409": "In conflict with what is there",
    "412": "Changed since it was seen",
    "413": "Too large",
    "415": "Not JSON",
    "422": "Refused",
    "429": "Too many requests",
}


class FaultBody(serializers.Serializer[Any]):
    """One thing that is wrong, and where (RFC 6901)."""

    pointer = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """What is wrong (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FaultBody(many=True)


class EndpointSchema(AutoSchema):
    """Adds the problems that any endpoint may answer, and the key that every POST takes."""

    global_params = ()

    def get_override_parameters(self) -> Any:
        own = list(super().get_override_parameters())
        return [*own, IDEMPOTENCY_KEY] if self.method == "POST" else own

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        component = self.resolve_serializer(Problem(), "response")
        for status, description in REFUSALS.items():
            bodies.setdefault(
                status,
                {
                    "description": description,
                    "content": {"application/problem+json": {"schema": component.ref}},
                },
            )
        return bodies


def close_request_bodies(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Say that request bodies take no members but those that are described."""
    for name, component in result.get("components", {}).get("schemas", {}).items():
        if name.endswith("Request") and component.get("type") == "object":
            component["additionalProperties"] = False
    return result
