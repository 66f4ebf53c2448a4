"""What came of many shipments, counted: as a job keeps it, and goes on from."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fulfillment.review.bulk import MoveOutcome
from fulfillment.review.effect_words import Code, together

# As many shipments that changed after they were shown are named.
NAMED = 200
Reason = tuple[Code, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class MoveTally:
    """How many were changed, how many stayed as they were for which reason; ``last`` is the key
    of the last that was looked at, ``outdated`` the numbers of the first that changed after they
    were shown.
    """

    last: int = 0
    changed: int = 0
    unchanged: Mapping[Reason, int] = field(default_factory=dict)
    outdated: tuple[str, ...] = ()

    @property
    def unchanged_count(self) -> int:
        return sum(self.unchanged.values())

    @property
    def done(self) -> int:
        """How many were looked at."""
        return self.changed + self.unchanged_count

    @property
    def most_common(self) -> list[tuple[Reason, int]]:
        """Return the reasons, the most frequent first."""
        return sorted(self.unchanged.items(), key=lambda counted: (-counted[1], counted[0]))

    def with_more(self, outcomes: Iterable[MoveOutcome]) -> "MoveTally":
        """Return the count with what came of more shipments, in key order."""
        last, changed, unchanged = self.last, self.changed, Counter(self.unchanged)
        outdated = list(self.outdated)
        for outcome in outcomes:
            last, effect = outcome.shipment.pk, outcome.effect
            if effect.is_change:
                changed += 1
            else:
                unchanged[effect.code, together(effect.code, effect.values)] += 1
                if effect.code == Code.CHANGED_MEANWHILE:
                    outdated.append(outcome.shipment.number)
        return MoveTally(last, changed, unchanged, tuple(outdated[:NAMED]))

    def as_json(self) -> dict[str, Any]:
        """Return the count as a job keeps it: codes and values, no sentences."""
        return {
            "last": self.last,
            "changed": self.changed,
            "unchanged": [
                {"code": code.value, "values": dict(values), "count": count}
                for (code, values), count in self.most_common
            ],
            **({"outdated": list(self.outdated)} if self.outdated else {}),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "MoveTally":
        """Return the count that :meth:`as_json` kept; of nothing, if there is none yet."""
        if "last" not in values:
            return cls()
        unchanged = {
            (Code(entry["code"]), tuple(sorted(entry["values"].items()))): entry["count"]
            for entry in values["unchanged"]
        }
        return cls(values["last"], values["changed"], unchanged, tuple(values.get("outdated", ())))
