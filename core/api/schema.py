"""What OpenAPI says beyond what endpoints say of themselves."""

from typing import Any

from django.core.validators import RegexValidator
from django_filters import filters
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.drainage import set_override
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from core.api.fields import StrictSerializer

IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The version that you have seen, or *; 412 if it is another now.",
    pattern=r'^("[0-9]{1,19}"|\*)$',
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
CHARACTERS = r"[^\x00-\x1f\x7f-\x9f]"
CHARACTERS_AND_LINES = r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]"
# What every text of a request has to be.
STORABLE = r"^[^\x00]+$"
SHOWN = r"[^\s\x00-\x1f\x7f-\x9f]"


class TextSchema(OpenApiSerializerFieldExtension):
    """Says which characters a text may have."""

    target_class = "core.api.fields.TextField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer_field(
            self.target, direction, bypass_extensions=True
        )
        is_patterned = any(isinstance(one, RegexValidator) for one in self.target.validators)
        if direction == "request" and not is_patterned:
            any_of = CHARACTERS_AND_LINES if self.target.allows_lines else CHARACTERS
            # That it may be blank is said beside it.
            pattern = f"^{any_of}+$" if self.target.allow_blank else f"^{any_of}*{SHOWN}{any_of}*$"
            schema["pattern"] = pattern
        return schema


class FilterSchema(DjangoFilterExtension):
    """Describes choices, bounds and characters as the fields of the filters check them."""

    priority = 1

    def resolve_filter_field(
        self, auto_schema: Any, model: Any, filterset_class: Any, field_name: str, filter_field: Any
    ) -> list[dict[str, Any]]:
        set_override(filter_field, "field", _filter_schema(filter_field))
        found: list[dict[str, Any]] = super().resolve_filter_field(
            auto_schema, model, filterset_class, field_name, filter_field
        )
        for parameter in found:
            if text := filter_field.extra.get("help_text"):
                parameter["description"] = str(text)
        return found


def _filter_schema(field: Any) -> dict[str, Any]:
    if choices := field.extra.get("choices"):
        # A blank choice is the page's word for any; a program leaves the parameter out.
        return {"type": "string", "enum": [str(value) for value, _label in choices if value != ""]}
    if isinstance(field, filters.BooleanFilter):
        return {"type": "boolean"}
    if isinstance(field, filters.DateFilter):
        return {"type": "string", "format": "date"}
    if isinstance(field, filters.NumberFilter):
        bounds = {"minimum": field.extra.get("min_value"), "maximum": field.extra.get("max_value")}
        given = {name: float(bound) for name, bound in bounds.items() if bound is not None}
        return {"type": "number", **given}
    return {"type": "string", "pattern": STORABLE}


class FaultSerializer(serializers.Serializer[Any]):
    """One thing that is wrong, and where (RFC 6901)."""

    pointer = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """What is wrong (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    # The member of the RFC, in place of what is wrong with this serializer itself.
    errors = FaultSerializer(many=True)  # type: ignore[assignment]


class EndpointSchema(AutoSchema):
    """Adds the problems that any endpoint may answer, and the key that every POST takes."""

    global_params = ()

    def get_override_parameters(self) -> Any:
        own = list(super().get_override_parameters())
        return [*own, IDEMPOTENCY_KEY] if self.method == "POST" else own

    def _is_list_view(self, serializer: Any = None) -> bool:
        view: Any = self.view
        is_page = self.method == "GET" and bool(view.pagination_class)
        return is_page or bool(super()._is_list_view(serializer))

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
        component = self.resolve_serializer(ProblemSerializer(), "response")
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
    rows: Any = field
    bounds = {} if rows.allow_empty else {"minItems": 1}
    if rows.max_length is not None:
        bounds["maxItems"] = rows.max_length
    return {**schema, **bounds}


def close_request_bodies(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Say that request bodies take no members but those that are described."""
    schemas = result.get("components", {}).get("schemas", {})
    for component in generator.registry._components.values():
        if component.name.endswith("Request") and isinstance(component.object, StrictSerializer):
            schemas[component.name]["additionalProperties"] = False
    return result
