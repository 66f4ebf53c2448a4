"""Whether units are kept for a shipment that cannot be covered; PURE."""

from inventory.options import ReleasePolicy


def keeps_units(policy: ReleasePolicy, *, age_days: int, ageing_days: int) -> bool:
    """Return whether the units that a shipment of this age could use are kept for it.

    Rule: Policies, §15.
    """
    match policy:
        case ReleasePolicy.SKIP_OVER:
            return False
        case ReleasePolicy.STRICT:
            return True
        case ReleasePolicy.AGEING:
            return age_days >= ageing_days
