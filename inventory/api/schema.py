"""What OpenAPI says beyond what endpoints say of themselves."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
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
    pattern=r"^[!-~]{1,200}$",
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


# The characters that texts may have, and at least one that shows.
CHARACTERS = r"[^\x00-\x1f\x7f]"
CHARACTERS_AND_LINES = r"[^\x00-\x08\x0b-\x1f\x7f]"
SHOWN = r"[^\s\x00-\x1f\x7f]"


class TextSchema(OpenApiSerializerFieldExtension):
    """Says which characters a text may have."""

    target_class = "inventory.api.fields.TextField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer_field(
            self.target, direction, bypass_extensions=True
        )
        if direction == "request" and "format" not in schema:
            any_of = CHARACTERS_AND_LINES if self.target.allows_lines else CHARACTERS
            pattern = f"^{any_of}*$" if self.target.allow_blank else f"^{any_of}*{SHOWN}{any_of}*$"
            schema.setdefault("pattern", pattern)
        return schema


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

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        return _bounded(schema, field)

    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        schema, is_required = super()._get_request_for_media_type(serializer, direction)
        return _bounded(schema, serializer), is_required

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


def _bounded(schema: Any, field: Any) -> Any:
    """Say of a list of members how many there may be."""
    if not isinstance(field, serializers.ListSerializer) or not schema:
        return schema
    bounds = {} if field.allow_empty else {"minItems": 1}
    if field.max_length is not None:
        bounds["maxItems"] = field.max_length
    return {**schema, **bounds}


def close_request_bodies(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Say that request bodies take no members but those that are described."""
    for name, component in result.get("components", {}).get("schemas", {}).items():
        if name.endswith("Request") and component.get("type") == "object":
            component["additionalProperties"] = False
    return result
