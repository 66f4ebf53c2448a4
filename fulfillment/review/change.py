"""A move by hand for many shipments, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class BulkAction(StrEnum):
    """A move by hand that can be made for many shipments."""

    HOLD = "HOLD"
    LIFT_HOLD = "LIFT_HOLD"
    SET_PRIORITY = "SET_PRIORITY"
    REASSIGN = "REASSIGN"
    SET_EXPECTED_DATE = "SET_EXPECTED_DATE"
    CUSTOMER_CARE = "CUSTOMER_CARE"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Occasion:
    """When a change is made, by whom, and after which preview.

    ``today`` is the date of ``now`` where the site is. ``shown`` are the values that shipments had
    in the preview, by id. ``key`` names the whole change, so that nothing is canceled twice.
    """

    today: date
    now: datetime
    actor_id: int | None = None
    shown: Mapping[int, str] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentBulkChange:
    """A move with what it asks for; ``expected_on`` None gives the date back to release runs."""

    action: BulkAction
    reason: str = ""
    priority: int = 0
    source: str = ""
    expected_on: date | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the change as a job keeps it."""
        return {
            "action": self.action.value,
            "reason": self.reason,
            "priority": self.priority,
            "source": self.source,
            "expected_on": None if self.expected_on is None else self.expected_on.isoformat(),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "ShipmentBulkChange":
        """Return the change that :meth:`as_json` kept."""
        day = values["expected_on"]
        return cls(
            action=BulkAction(values["action"]),
            reason=values["reason"],
            priority=values["priority"],
            source=values["source"],
            expected_on=None if day is None else date.fromisoformat(day),
        )
