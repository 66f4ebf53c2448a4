"""``configuration/``: the global value of every option."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from inventory.api.endpoint import Endpoint
from inventory.api.option_fields import configured_serializer, overrides_serializer
from inventory.api.problems import of_conflicts
from inventory.models import InventoryConfiguration
from inventory.models.configuration import GLOBAL_OPTIONS
from inventory.operations import options
from inventory.options import Scope
from inventory.resolution import resolve

Configured = configured_serializer(name="Configured")
ConfigurationChange = overrides_serializer(Scope.GLOBAL, name="ConfigurationChange")


class ConfigurationEndpoint(Endpoint):
    """Every global option; null uses the system value."""

    required_permissions = {
        "GET": "inventory.view_inventoryconfiguration",
        "PATCH": "inventory.change_inventoryconfiguration",
    }
    serializer_class = ConfigurationChange

    @extend_schema(responses=Configured)
    def get(self, request: Request) -> Response:
        return Response(Configured(_rows(InventoryConfiguration.load())).data)

    @extend_schema(responses=Configured)
    def patch(self, request: Request) -> Response:
        """Change the options that are named; the others stay."""
        values = self.validated(request)
        configuration = InventoryConfiguration.load()
        for name, value in values.items():
            setattr(configuration, name, value)
        try:
            options.save_configuration(configuration, changed=values)
        except options.OptionConflictError as error:
            raise of_conflicts(error.conflicts) from error
        return Response(Configured(_rows(InventoryConfiguration.load())).data)


def _rows(configuration: InventoryConfiguration) -> dict[str, dict[str, Any]]:
    stored = configuration.overrides()
    return {
        option.name: {
            "value": stored[option.name],
            "use_system_value": stored[option.name] is None,
            "effective": resolve(option.name, configuration=stored).value,
        }
        for option in GLOBAL_OPTIONS
    }
