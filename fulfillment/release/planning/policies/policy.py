"""What a release policy answers; PURE."""

from typing import Protocol


class Policy(Protocol):
    """Decides whether units are kept for a shipment that cannot be covered."""

    def keeps(self, *, age_days: int, ageing_days: int) -> bool:
        """Whether the units that a shipment of this age could use are kept for it."""
