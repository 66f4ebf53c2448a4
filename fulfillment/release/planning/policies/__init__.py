"""What happens to units that a shipment which cannot be covered could use; one policy a file."""

from fulfillment.release.planning.policies.ageing import Ageing
from fulfillment.release.planning.policies.policy import Policy
from fulfillment.release.planning.policies.skip_over import SkipOver
from fulfillment.release.planning.policies.strict import Strict

POLICIES: dict[str, Policy] = {
    "SKIP_OVER": SkipOver(),
    "STRICT": Strict(),
    "AGEING": Ageing(),
}

__all__ = ["POLICIES", "Policy"]
