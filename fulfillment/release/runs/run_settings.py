"""The rules that a run follows, resolved from the configuration when it starts."""

from datetime import date
from typing import Any

from fulfillment.release.planning.values import ReleaseSettings
from fulfillment.sourcing.choices import SplitLimits
from inventory.models import InventoryConfiguration
from inventory.options import ReleaseMode, ReleasePolicy, SourceSelection
from inventory.resolution import resolve

NAMES = (
    "release_enabled",
    "release_mode",
    "release_policy",
    "ageing_days",
    "future_date_limit",
    "future_inventory",
    "default_backorder_days",
    "source_selection",
    "max_sources_per_release",
    "max_sources_per_line",
)


def values_in_force() -> dict[str, Any]:
    """Return the effective value of every option that a release run follows."""
    configuration = InventoryConfiguration.load().overrides()
    return {name: resolve(name, configuration=configuration).value for name in NAMES}


def release_settings(values: dict[str, Any], *, today: date) -> ReleaseSettings:
    """Return ``values`` as the planner takes them; the date limit counts from ``today``."""
    return ReleaseSettings(
        mode=ReleaseMode(values["release_mode"]),
        policy=ReleasePolicy(values["release_policy"]),
        ageing_days=values["ageing_days"],
        horizon=values["future_date_limit"].add_to(today),
        promises_from_future=values["future_inventory"],
        algorithm=SourceSelection(values["source_selection"]),
        default_backorder_days=values["default_backorder_days"],
        limits=SplitLimits.of(values),
    )


def as_json(values: dict[str, Any]) -> dict[str, Any]:
    """Return ``values`` as they are kept with the run."""
    return {
        name: value if isinstance(value, (bool, int)) or value is None else str(value)
        for name, value in values.items()
    }
