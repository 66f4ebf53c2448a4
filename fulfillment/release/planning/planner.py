"""Decides which shipments the supply, current or dated, can release; PURE."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from fulfillment.release.planning.kept_units import KeptUnits
from fulfillment.release.planning.parts import children_of, missing_of, on_lines
from fulfillment.release.planning.values import (
    Child,
    Decision,
    QueuedShipment,
    ReleaseSettings,
    SourceFacts,
    Supply,
    WaitReason,
)
from fulfillment.release.planning.wait_reasons import Explainer
from fulfillment.sourcing.eligibility import (
    ALGORITHMS,
    fitting,
    in_order_of_choice,
    ineligibilities,
)
from fulfillment.sourcing.needs import Coverage, LinePart, Need, summed, units_by_product
from fulfillment.sourcing.sourcing import Sourcing
from inventory.options import ReleaseMode, ReleasePolicy, SourceSelection

SPLIT_LIMIT = WaitReason.SPLIT_LIMIT
# More than any line needs.
LARGEST = 2**62


class EligibleSources:
    """Returns the eligible sources of many shipments: most have the same ones.

    Rule: Choosing sources.
    """

    def __init__(self, supply: Supply, algorithm: SourceSelection) -> None:
        self._supply = supply
        self._algorithm = algorithm
        self._uses_destination = ALGORITHMS[algorithm].uses_destination
        self._awaited_products = {product_id for _, product_id in supply.pickup_waiting}
        self._eligible: dict[tuple[int, int | None], list[int]] = {}

    def of(self, shipment: QueuedShipment) -> list[int]:
        """Return source ids in the order of choice; not to be changed.

        Sources at which pickup shipments wait for one of the products are tried last.
        """
        found = self._eligible_for(shipment)
        if shipment.pickup_source_id is not None or len(found) < 2:
            return found
        last = {
            source_id
            for need in shipment.needs
            if need.product_id in self._awaited_products
            for source_id in found
            if (source_id, need.product_id) in self._supply.pickup_waiting
        }
        if not last and not self._uses_destination:
            return found
        in_order = in_order_of_choice(
            [self._supply.sources[source_id] for source_id in found],
            algorithm=self._algorithm,
            destination=shipment.destination,
            last=last,
        )
        return [source.source_id for source in in_order]

    def _eligible_for(self, shipment: QueuedShipment) -> list[int]:
        key = shipment.stock_id, shipment.pickup_source_id
        if key not in self._eligible:
            sources, pickup_source_id = self._supply.sources, shipment.pickup_source_id
            self._eligible[key] = [
                source_id
                for source_id in self._supply.links.get(shipment.stock_id, ())
                if not ineligibilities(sources[source_id], pickup_source_id=pickup_source_id)
            ]
        return self._eligible[key]


class Planner:
    """Decides shipments one by one; feed them in queue order, their needs in sequence.

    It holds the remaining supply, not the shipments, so a queue may have any length.
    """

    def __init__(self, supply: Supply, settings: ReleaseSettings, today: date) -> None:
        self._supply = supply
        self._settings = settings
        self._closed = supply.before_release(today)
        self._remaining = supply.remaining(settings, today)
        self._kept = KeptUnits()
        self._eligible_sources = EligibleSources(supply, settings.algorithm)
        self._explainer = Explainer(supply, settings, today)
        # Products that were allocated in writes that were undone.
        self._unknown: set[int] = set()

    def refresh(
        self,
        product_ids: Collection[int],
        available: Mapping[tuple[int, int], int],
        promisable: Mapping[int, tuple[int, date | None]],
    ) -> None:
        """Continue with no more of these products than the database holds now.

        ``available`` is by (product, source), ``promisable`` the units and the date by record of
        future supply. Units kept for earlier shipments stay kept: the database does not know them.
        Units that arrived since the planner began are left to the next run, which offers them in
        queue order.
        """
        self._explainer.refresh(promisable, product_ids)
        unknown = self._unknown.intersection(product_ids)
        self._unknown -= unknown
        self._remaining.lower_current(self._kept.less_current(available), unknown=unknown)
        promisable = self._kept.less_dated(promisable)
        self._remaining.lower_future(promisable, product_ids, unknown=unknown)

    def close(self, sources: Mapping[int, SourceFacts], links: Mapping[int, Sequence[int]]) -> None:
        """Leave out sources that have been disabled or unlinked.

        Sources enabled or linked since the planner began are left to the next run.
        """
        facts = {key: sources.get(key, former) for key, former in self._supply.sources.items()}
        linked = {
            stock_id: tuple(source for source in former if source in links.get(stock_id, ()))
            for stock_id, former in self._supply.links.items()
        }
        if facts == self._supply.sources and linked == self._supply.links:
            return
        self._supply = replace(self._supply, sources=facts, links=linked)
        self._eligible_sources = EligibleSources(self._supply, self._settings.algorithm)

    def available(self) -> dict[int, int]:
        """Return the units that may be allocated, by product; 0 where units are left but closed.

        Dated supply may date a shipment that it does not cover, so its products always count as
        enough; not before their release date.
        """
        left = {item.product_id: 0 for item in self._supply.items if item.unallocated > 0}
        for product_id in left:
            left[product_id] = sum(self._remaining.current.get(product_id, {}).values())
        for record in self._supply.future:
            if record.units > 0:
                is_dated = record.expected_on is not None and record.product_id not in self._closed
                left[record.product_id] = LARGEST if is_dated else left.get(record.product_id, 0)
        return left

    def has_left(self, product_ids: Iterable[int]) -> bool:
        """Return whether any unit of one of these products is left to allocate or promise."""
        return any(
            any(units > 0 for units in self._remaining.current.get(product_id, {}).values())
            or any(record.units > 0 for record in self._remaining.future.get(product_id, ()))
            for product_id in product_ids
        )

    def set_aside(self, decision: Decision) -> None:
        """Keep the units of a decision that this run does not write.

        A run over a part leaves shipments outside it the units that a full run would give them.
        """
        self._kept.keep_decision(decision)

    def kept_units(self) -> KeptUnits:
        """Return the units kept so far, for :meth:`restore`."""
        return self._kept.copy()

    def restore(self, kept: KeptUnits, product_ids: Iterable[int]) -> None:
        """Undo all that was kept since, and all allocations of these products.

        The next refresh reads their remaining units from the database.
        """
        self._kept = kept.copy()
        self._unknown.update(product_ids)

    def decide(self, shipment: QueuedShipment) -> Decision:
        """Return the decision on ``shipment``, and allocate its units."""
        if not shipment.barred:
            return self._decide(shipment)
        with self._remaining.without(shipment.barred):
            return self._decide(shipment)

    def _decide(self, shipment: QueuedShipment) -> Decision:
        candidates = self._eligible_sources.of(shipment)
        if shipment.is_future:
            return self._decide_future(shipment, candidates)
        mode = self._settings.mode_of(shipment)
        lines = [need for need in shipment.needs if need.is_reserving]
        needs = lines if mode == ReleaseMode.BY_LINE else summed(lines)
        sourcing = Sourcing(
            self._remaining,
            self._settings.limits,
            candidates,
            takes_dated=shipment.own_mode is None,
        )
        coverage = Coverage()
        missing = {need.line_id: need.units for need in needs}
        if not self._is_out_of_reach(needs, candidates, mode):
            uncovered = self._cover(needs, sourcing, coverage, mode)
            if uncovered and mode == ReleaseMode.FULL:
                self._remaining.deallocate(coverage.parts)
                coverage = Coverage()
            else:
                missing = uncovered
        parts = coverage.parts
        if needs is not lines:
            parts = on_lines(parts, lines, self._supply.with_decimals, candidates)
        children = () if missing else children_of(shipment, parts, candidates)
        if children:
            self._explainer.note_allocated(shipment, parts)
            return Decision(shipment, children, is_complete=True)
        shortages, expected_on = self._explainer.explain(
            shipment,
            missing if needs is lines else missing_of(lines, parts),
            candidates,
            self._remaining,
            is_every_choice_tried=sourcing.is_every_choice_tried,
        )
        if _keeps_units(self._settings, shipment.age_days):
            rest = summed(sourcing.rest(needs, missing, coverage))
            is_only_limited = all(SPLIT_LIMIT in shortage.reasons for shortage in shortages)
            self._keep(shipment, sourcing, coverage, rest, is_only_limited=is_only_limited)
        if not parts:
            return Decision(shipment, shortages=shortages, expected_on=expected_on)
        self._explainer.note_allocated(shipment, parts)
        children = children_of(shipment, parts, candidates)
        return Decision(shipment, children, shortages=shortages, expected_on=expected_on)

    def _is_out_of_reach(
        self, needs: Sequence[Need], candidates: Sequence[int], mode: ReleaseMode
    ) -> bool:
        """Whether all sources together are short of a product, in full mode.

        So it is for most shipments that wait: no source is tried for them.
        """
        is_full = mode == ReleaseMode.FULL
        return is_full and self._remaining.is_short_of(needs, candidates)

    def _cover(
        self, needs: Sequence[Need], sourcing: Sourcing, coverage: Coverage, mode: ReleaseMode
    ) -> dict[int, int]:
        if mode == ReleaseMode.FULL:
            return sourcing.cover(needs, coverage, whole=needs)
        if mode != ReleaseMode.BY_LINE:
            return sourcing.cover(needs, coverage)
        missing: dict[int, int] = {}
        for need in needs:
            missing |= self._cover_line(need, sourcing, coverage)
        return missing

    def _cover_line(self, need: Need, sourcing: Sourcing, coverage: Coverage) -> dict[int, int]:
        """Cover one line whole or not at all, on top of the lines before it."""
        first = len(coverage.parts)
        if not sourcing.cover([need], coverage, whole=[need]):
            return {}
        found = coverage.parts[first:]
        self._remaining.deallocate(found)
        coverage.without(found)
        return {need.line_id: need.units}

    def _keep(
        self,
        shipment: QueuedShipment,
        sourcing: Sourcing,
        coverage: Coverage,
        rest: Sequence[Need],
        *,
        is_only_limited: bool,
    ) -> None:
        """Keep the units that a by-quantity release of the ``rest`` would take.

        For a shipment that only a limit stops, all that it could use, at every source.
        """
        parts = sourcing.usable(rest) if is_only_limited else _by_quantity(rest, sourcing, coverage)
        self._kept.keep(parts)
        self._explainer.note_kept(shipment, parts)

    def _decide_future(self, shipment: QueuedShipment, candidates: Sequence[int]) -> Decision:
        """Move a promise only to current stock of one source that covers all of it."""
        wanted = units_by_product(shipment.needs)
        # Of a promise, what is there are the units that it holds: a move splits them off.
        if shipment.own_mode is not None or self._closed.keys() & wanted.keys():
            return Decision(shipment)
        current = self._remaining.current
        for source_id in candidates:
            own = shipment.received if source_id == shipment.source_id else {}
            if all(
                current[product_id].get(source_id, 0) + own.get(product_id, 0) >= units
                for product_id, units in wanted.items()
            ) and self._may_leave_from(source_id, shipment):
                return self._moved(shipment, source_id, wanted)
        return Decision(shipment)

    def _may_leave_from(self, source_id: int, shipment: QueuedShipment) -> bool:
        """Whether no fraction would come from a source item without decimals."""
        return all(
            fitting(need.units, source_id, need.product_id, self._supply.with_decimals)
            == need.units
            for need in shipment.needs
            if need.is_reserving
        )

    def _moved(self, shipment: QueuedShipment, source_id: int, wanted: dict[int, int]) -> Decision:
        own = shipment.received if source_id == shipment.source_id else {}
        parts = tuple(
            LinePart(need.line_id, need.product_id, need.units, source_id)
            for need in shipment.needs
            if need.is_reserving
        )
        current = self._remaining.current
        more = {product: units - own.get(product, 0) for product, units in wanted.items()}
        for product_id, units in more.items():
            current[product_id][source_id] = current[product_id].get(source_id, 0) - units
        # Its promises, and units received elsewhere, are available again in the next run.
        new = [part for part in parts if more[part.product_id] > 0]
        self._explainer.note_allocated(shipment, new)
        unmanaged_lines = tuple(need.line_id for need in shipment.needs if not need.is_reserving)
        return Decision(
            shipment, (Child(source_id, None, parts, unmanaged_lines),), is_complete=True
        )


def _by_quantity(rest: Sequence[Need], sourcing: Sourcing, coverage: Coverage) -> list[LinePart]:
    """Return the parts of a by-quantity release of ``rest`` on top of ``coverage``."""
    more = coverage.beginning()
    sourcing.cover(rest, more)
    return more.parts


def _keeps_units(settings: ReleaseSettings, age_days: int) -> bool:
    """Whether the units that a shipment of this age could use are kept for it.

    Rule: Policies, §15.
    """
    match settings.policy:
        case ReleasePolicy.SKIP_OVER:
            return False
        case ReleasePolicy.STRICT:
            return True
        case ReleasePolicy.AGEING:
            return age_days >= settings.ageing_days
