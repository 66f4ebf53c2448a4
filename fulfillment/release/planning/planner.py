"""Decides which shipments the supply at hand, and the supply to come, can release; PURE."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from fulfillment.release.planning.children import children_of
from fulfillment.release.planning.coverage import Coverage
from fulfillment.release.planning.eligible_sources import EligibleSources
from fulfillment.release.planning.needs import missing_of, on_lines, summed, units_by_product
from fulfillment.release.planning.policies import POLICIES
from fulfillment.release.planning.remaining_supply import RemainingSupply
from fulfillment.release.planning.sourcing import Sourcing
from fulfillment.release.planning.values import (
    Child,
    Decision,
    Need,
    QueuedShipment,
    ReleasePlan,
    ReleaseSettings,
    SourceFacts,
    Supply,
    Take,
    WaitReason,
)
from fulfillment.release.planning.wait_reasons import Explainer

SPLIT_LIMIT = WaitReason.SPLIT_LIMIT
# More than any line asks for.
LARGEST = 2**62

# What units are counted by: a (product, source), or a record of future supply.
Key = TypeVar("Key")


def plan_release(
    shipments: Iterable[QueuedShipment], supply: Supply, settings: ReleaseSettings, today: date
) -> ReleasePlan:
    """Plan the release of ``shipments`` out of ``supply``.

    The result depends only on the arguments, not on the order that shipments or needs come in.

    Rule: Backorder release.
    """
    planner = Planner(supply, settings, today)
    in_queue_order = sorted(map(_in_sequence, shipments), key=QueuedShipment.queue_key)
    return ReleasePlan(tuple(planner.decide(shipment) for shipment in in_queue_order))


def _in_sequence(shipment: QueuedShipment) -> QueuedShipment:
    return replace(shipment, needs=tuple(sorted(shipment.needs, key=lambda need: need.sequence)))


@dataclass(frozen=True, slots=True)
class Mark:
    """What a planner kept at some point: by (product, source), and by record."""

    kept: Mapping[tuple[int, int], int]
    kept_future: Mapping[int, int]


class Planner:
    """Decides shipments one by one; feed them in queue order, their needs in sequence.

    Holds what is left of the supply, not the shipments, so a queue of any length streams past.
    """

    def __init__(self, supply: Supply, settings: ReleaseSettings, today: date) -> None:
        self._supply = supply
        self._settings = settings
        self._stocked = RemainingSupply(supply, settings, today)
        self._candidates = EligibleSources(supply, algorithm=settings.algorithm)
        self._policy = POLICIES[settings.policy]
        self._explainer = Explainer(supply, settings, today)
        self._kept: defaultdict[tuple[int, int], int] = defaultdict(int)
        self._kept_future: defaultdict[int, int] = defaultdict(int)
        # Products whose units were given away in writes that were undone.
        self._unknown: set[int] = set()

    def refresh(
        self,
        product_ids: Collection[int],
        available: Mapping[tuple[int, int], int],
        promisable: Mapping[int, tuple[int, date | None]],
    ) -> None:
        """Go on with no more of these products than the database holds now.

        ``available`` is by (product, source), ``promisable`` the units and the date by record of
        future supply. What is kept for shipments earlier in the queue stays kept: it is nowhere in
        the database. What came in since the planner began is for the next run, in which it is
        offered to the first of the queue first.
        """
        anew = self._unknown.intersection(product_ids)
        self._unknown -= anew
        self._stocked.lower_current(_less(available, self._kept), anew=anew)
        dated = {record: expected_on for record, (_, expected_on) in promisable.items()}
        left = _less(
            {record: units for record, (units, _) in promisable.items()}, self._kept_future
        )
        self._stocked.lower_future(
            {record: (units, dated[record]) for record, units in left.items()},
            product_ids,
            anew=anew,
        )

    def close(self, sources: Mapping[int, SourceFacts], links: Mapping[int, Sequence[int]]) -> None:
        """Draw no longer on sources that are closed, or no longer linked, by now.

        What was opened or linked since the planner began is for the next run.
        """
        facts = {key: sources.get(key, former) for key, former in self._supply.sources.items()}
        linked = {
            stock_id: tuple(source for source in former if source in links.get(stock_id, ()))
            for stock_id, former in self._supply.links.items()
        }
        if facts == self._supply.sources and linked == self._supply.links:
            return
        self._supply = replace(self._supply, sources=facts, links=linked)
        self._candidates = EligibleSources(self._supply, algorithm=self._settings.algorithm)

    def available(self) -> dict[int, int]:
        """Return the units that may be given away, by product; 0 of what is left but may not.

        Supply that is dated may date a shipment even where it does not cover it, so of its
        products there is always enough to be looked at.
        """
        left = {item.product_id: 0 for item in self._supply.items if item.free > 0}
        for product_id in left:
            left[product_id] = sum(self._stocked.current.get(product_id, {}).values())
        for record in self._supply.future:
            if record.units > 0:
                is_dated = record.expected_on is not None
                left[record.product_id] = LARGEST if is_dated else left.get(record.product_id, 0)
        return left

    def has_left(self, product_ids: Iterable[int]) -> bool:
        """Return whether any unit of one of these products is left to give away or promise."""
        return any(
            any(units > 0 for units in self._stocked.current.get(product_id, {}).values())
            or any(record.units > 0 for record in self._stocked.future.get(product_id, ()))
            for product_id in product_ids
        )

    def set_aside(self, decision: Decision) -> None:
        """Keep the units of a decision that this run does not write.

        A run over a part leaves to the shipments outside it what a full run would give them.
        """
        shipment = decision.shipment
        for child in decision.children:
            own = dict(shipment.received) if child.source_id == shipment.source_id else {}
            for take in child.takes:
                if take.future_id is not None:
                    self._kept_future[take.future_id] += take.units
                    continue
                held = min(own.get(take.product_id, 0), take.units)
                own[take.product_id] = own.get(take.product_id, 0) - held
                self._kept[take.product_id, take.source_id] += take.units - held

    def mark(self) -> Mark:
        """Return what is kept so far, for :meth:`rewind`."""
        return Mark(dict(self._kept), dict(self._kept_future))

    def rewind(self, mark: Mark, product_ids: Iterable[int]) -> None:
        """Forget what was kept since ``mark``, and given away of these products.

        What is left of them is what the database holds when they are refreshed next.
        """
        self._kept = defaultdict(int, mark.kept)
        self._kept_future = defaultdict(int, mark.kept_future)
        self._unknown.update(product_ids)

    def decide(self, shipment: QueuedShipment) -> Decision:
        """Return what becomes of ``shipment``, and give its units away."""
        if not shipment.barred:
            return self._decide(shipment)
        with self._stocked.shut(shipment.barred):
            return self._decide(shipment)

    def _decide(self, shipment: QueuedShipment) -> Decision:
        candidates = self._candidates.of(shipment)
        if shipment.is_future:
            return self._decide_future(shipment, candidates)
        asked = [need for need in shipment.needs if need.takes_units]
        needs = asked if self._settings.mode == "BY_LINE" else summed(asked)
        covering = Sourcing(self._stocked, self._settings, candidates)
        coverage = Coverage()
        if self._is_out_of_reach(needs, candidates):
            missing = {need.line_id: need.units for need in needs}
        else:
            missing = self._cover(needs, covering, coverage)
        if missing and self._settings.mode == "FULL":
            self._stocked.put_back(coverage.takes)
            coverage, missing = Coverage(), {need.line_id: need.units for need in needs}
        takes = coverage.takes
        if needs is not asked:
            takes = on_lines(takes, asked, self._supply.with_decimals, candidates)
        children = () if missing else children_of(shipment, takes, candidates)
        if children:
            self._explainer.note_taken(shipment, takes)
            return Decision(shipment, children, is_complete=True)
        shortages, expected_on = self._explainer.explain(
            shipment,
            missing if needs is asked else missing_of(asked, takes),
            candidates,
            self._stocked,
            is_every_choice_tried=covering.is_every_choice_tried,
        )
        is_only_limited = all(SPLIT_LIMIT in shortage.reasons for shortage in shortages)
        rest = summed(covering.rest(needs, missing, coverage))
        self._keep(shipment, covering, coverage, rest, is_only_limited=is_only_limited)
        if not takes:
            return Decision(shipment, shortages=shortages, expected_on=expected_on)
        self._explainer.note_taken(shipment, takes)
        children = children_of(shipment, takes, candidates)
        return Decision(shipment, children, shortages=shortages, expected_on=expected_on)

    def _is_out_of_reach(self, needs: Sequence[Need], candidates: Sequence[int]) -> bool:
        """Whether a product is short anyway of a shipment that leaves whole or not at all.

        Most that wait lack a product, whichever source is chosen: no source is tried for them.
        """
        return self._settings.mode == "FULL" and any(
            self._stocked.at_hand(need.product_id, candidates)
            + self._stocked.to_promise(need.product_id, candidates)
            < need.units
            for need in needs
        )

    def _cover(
        self, needs: Sequence[Need], covering: Sourcing, coverage: Coverage
    ) -> dict[int, int]:
        if self._settings.mode == "FULL":
            return covering.cover_whole(needs, coverage)
        if self._settings.mode != "BY_LINE":
            return covering.cover(needs, coverage)
        missing: dict[int, int] = {}
        for need in needs:
            missing |= self._cover_line(need, covering, coverage)
        return missing

    def _cover_line(self, need: Need, covering: Sourcing, coverage: Coverage) -> dict[int, int]:
        """Cover one line whole or not at all, on top of what lines before it use."""
        attempt = Coverage(sources=set(coverage.sources), sources_of_line=coverage.sources_of_line)
        missing = covering.cover_whole([need], attempt)
        if missing:
            self._stocked.put_back(attempt.takes)
            coverage.sources_of_line.pop(need.line_id, None)
            return {need.line_id: need.units}
        for take in attempt.takes:
            coverage.add(take)
        return {}

    def _keep(
        self,
        shipment: QueuedShipment,
        covering: Sourcing,
        coverage: Coverage,
        rest: Sequence[Need],
        *,
        is_only_limited: bool,
    ) -> None:
        """Keep for an uncovered shipment what a by-quantity release of the ``rest`` would take.

        For one that only a limit stops, all that it could use, at every source.
        """
        ageing_days = self._settings.ageing_days
        if not self._policy.keeps(age_days=shipment.age_days, ageing_days=ageing_days):
            return
        takes = covering.usable(rest) if is_only_limited else _taken(rest, covering, coverage)
        for take in takes:
            if take.future_id is None:
                self._kept[take.product_id, take.source_id] += take.units
            else:
                self._kept_future[take.future_id] += take.units
        self._explainer.note_kept(shipment, takes)

    def _decide_future(self, shipment: QueuedShipment, candidates: Sequence[int]) -> Decision:
        """Move a promise only to current stock from which all of it leaves in one shipment."""
        wanted = units_by_product(shipment.needs)
        current = self._stocked.current
        for source_id in candidates:
            own = shipment.received if source_id == shipment.source_id else {}
            if all(
                current[product_id].get(source_id, 0) + own.get(product_id, 0) >= units
                for product_id, units in wanted.items()
            ) and self._may_leave_from(source_id, shipment):
                return self._moved(shipment, source_id, wanted)
        return Decision(shipment)

    def _may_leave_from(self, source_id: int, shipment: QueuedShipment) -> bool:
        """Whether no fraction would be taken where only whole units are held."""
        return all(
            self._stocked.fitting(source_id, need.product_id, need.units) == need.units
            for need in shipment.needs
            if need.takes_units
        )

    def _moved(self, shipment: QueuedShipment, source_id: int, wanted: dict[int, int]) -> Decision:
        own = shipment.received if source_id == shipment.source_id else {}
        takes = tuple(
            Take(need.line_id, need.product_id, need.units, source_id)
            for need in shipment.needs
            if need.takes_units
        )
        current = self._stocked.current
        more = {product: units - own.get(product, 0) for product, units in wanted.items()}
        for product_id, units in more.items():
            current[product_id][source_id] = current[product_id].get(source_id, 0) - units
        # Its promises, and what it received elsewhere, are free again: for the next run.
        taken = [take for take in takes if more[take.product_id] > 0]
        self._explainer.note_taken(shipment, taken)
        free_lines = tuple(need.line_id for need in shipment.needs if not need.takes_units)
        return Decision(shipment, (Child(source_id, None, takes, free_lines),), is_complete=True)


def _less(units: Mapping[Key, int], kept: Mapping[Key, int]) -> Mapping[Key, int]:
    """Return ``units`` without what is kept of them, which may be below zero."""
    if not kept:
        return units
    left = dict(units)
    for key, count in kept.items():
        if key in left:
            left[key] -= count
    return left


def _taken(rest: Sequence[Need], covering: Sourcing, coverage: Coverage) -> list[Take]:
    """Return what a by-quantity release of ``rest`` takes on top of ``coverage``."""
    more = Coverage(
        sources=set(coverage.sources),
        sources_of_line=defaultdict(
            set, {line: set(used) for line, used in coverage.sources_of_line.items()}
        ),
    )
    covering.cover(rest, more)
    return more.takes
