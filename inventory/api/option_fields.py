"""The table of stock options, as members of bodies."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from core.api.fields import (
    PeriodSerializer,
    QuantityField,
    SignedQuantityField,
    StrictSerializer,
    UnitsField,
    WholeField,
    YesNoField,
)
from inventory.options import OptionKind, Scope, StockOption, options_for
from inventory.resolution import Origin, ResolvedValue

ORIGINS = [(origin.value, origin.value) for origin in Origin]


def value_field(option: StockOption, **arguments: Any) -> serializers.Field[Any, Any, Any, Any]:
    """Return the field of an option's value."""
    match option.kind:
        case OptionKind.YES_NO:
            return YesNoField(**arguments)
        case OptionKind.CHOICE:
            return serializers.ChoiceField(choices=list(option.choices), **arguments)
        case OptionKind.QUANTITY:
            if option.minimum is None:
                return SignedQuantityField(**arguments)
            if Decimal(option.minimum) == 0:
                return QuantityField(**arguments)
            return UnitsField(minimum=Decimal(option.minimum), **arguments)
        case OptionKind.WHOLE:
            if option.maximum is not None:
                arguments["max_value"] = option.maximum
            return WholeField(min_value=option.minimum, **arguments)
        case OptionKind.PERIOD:
            return PeriodSerializer(**arguments)


def overrides_serializer(scope: Scope, *, name: str) -> type[StrictSerializer]:
    """Return a serializer of the values of ``scope``; null is "use config setting"."""
    fields = {
        option.name: value_field(option, required=False, allow_null=True)
        for option in options_for(scope)
    }
    return type(name, (StrictSerializer,), {"__doc__": "null = use config setting.", **fields})


def effective_serializer(scope: Scope, *, name: str) -> type[serializers.Serializer[Any]]:
    """Return a serializer of what is in force of the options of ``scope``, and from where."""
    return _per_option(
        scope,
        name,
        lambda option: {
            "value": value_field(option, allow_null=option.default is None),
            "origin": serializers.ChoiceField(choices=ORIGINS),
        },
    )


def configured_serializer(*, name: str) -> type[serializers.Serializer[Any]]:
    """Return a serializer of the global values, whether the system's are used, what is in force."""
    return _per_option(
        Scope.GLOBAL,
        name,
        lambda option: {
            "value": value_field(option, allow_null=True),
            "use_system_value": serializers.BooleanField(),
            "effective": value_field(option, allow_null=option.default is None),
        },
    )


def effective(resolved: Mapping[str, ResolvedValue]) -> dict[str, dict[str, Any]]:
    """Return resolved options as the serializer of what is in force takes them."""
    return {
        name: {"value": found.value, "origin": found.origin.value}
        for name, found in resolved.items()
    }


def _per_option(scope: Scope, name: str, members: Any) -> type[serializers.Serializer[Any]]:
    fields = {}
    for option in options_for(scope):
        title = option.name.title().replace("_", "")
        inner = type(f"{name}{title}Serializer", (serializers.Serializer,), members(option))
        fields[option.name] = inner()
    return type(name, (serializers.Serializer,), fields)
