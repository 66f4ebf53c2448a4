"""An act: who does something, when, why; PURE."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a person, or of the system where ``actor_id`` is None.

    The same ``key`` again has no second effect; an act without one is always a new one.
    """

    at: datetime
    actor_id: int | None = None
    reason: str = ""
    key: str | None = None

    def columns(self) -> dict[str, Any]:
        """Return the columns of a record that keeps the act."""
        return {
            "actor_id": self.actor_id,
            "created_at": self.at,
            "reason": self.reason,
            "idempotency_key": self.key,
        }
