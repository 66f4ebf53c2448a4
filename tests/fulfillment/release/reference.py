"""A second planner, slow and plain, written from the rules alone to check the real one against.

It copies the whole pool of units for every attempt, where the real one takes and puts back.
A release is a set of (line id, source id, record id or None, units).
"""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple

from core.quantities import UNIT
from fulfillment.release.planning.values import QueuedShipment, Supply
from fulfillment.sourcing.choices import NO_LIMITS
from fulfillment.sourcing.needs import Need
from inventory.models import Source

NOW = None


def reference_plan(shipments: Any, supply: Supply, settings: Any, today: Any) -> Any:
    """Return released takes by shipment id; empty for one that stays."""
    pool = pool_of(supply, settings, today)
    plan: dict[int, Any] = {}
    for shipment in sorted(shipments, key=lambda s: (-s.priority, s.backordered_since, s.id)):
        sources = sources_of(shipment, supply, settings)
        # Lines whose stock is not managed take nothing from anywhere.
        shipment = replace(shipment, needs=[need for need in shipment.needs if need.is_reserving])
        wanted = {need.product_id for need in shipment.needs}
        if shipment.is_future and wanted & unreleased(supply, today):
            plan[shipment.id] = frozenset()
            continue
        barred = Counter({key: n for key, n in pool.items() if key[1:3] in shipment.barred})
        takes, pool = decide(shipment, sources, pool - barred, settings, supply.with_decimals)
        pool += barred
        plan[shipment.id] = frozenset((*key, units) for key, units in takes.items())
    return plan


def pool_of(supply: Supply, settings: Any, today: Any) -> Any:
    """Return units by (date or NOW, source, product, record or NOW)."""
    pool = Counter[Any]()
    waits = unreleased(supply, today)
    for item in supply.items:
        if item.is_in_stock and item.product_id not in waits:
            pool[NOW, item.source_id, item.product_id, NOW] += max(
                item.unallocated - item.safety_stock, 0
            )
    for record in supply.future:
        own = supply.products[record.product_id].own_future
        is_in_force = settings.promises_from_future and own in (True, None)
        if record.product_id in waits:
            continue
        if is_in_force and record.expected_on and today <= record.expected_on <= settings.horizon:
            key = record.expected_on, record.source_id, record.product_id, record.id
            pool[key] += record.units
    return pool


def unreleased(supply: Supply, today: Any) -> set[int]:
    """Return the products whose release date is still to come."""
    dates = {product: facts.release_on for product, facts in supply.products.items()}
    return {product for product, day in dates.items() if day is not None and day > today}


def sources_of(shipment: QueuedShipment, supply: Supply, settings: Any) -> Any:
    sources = []
    for source_id in supply.links[shipment.stock_id]:
        source = supply.sources[source_id]
        fits = (
            source_id == shipment.pickup_source_id
            if shipment.pickup_source_id
            else source.ships_to_home
        )
        if fits and source.is_enabled:
            sources.append(source_id)
    if settings.algorithm == "DISTANCE" and shipment.destination:
        # Everything lies on the equator, where a degree of longitude is the same everywhere.
        home = shipment.destination[1]
        found = {s: supply.sources[s].longitude for s in sources}
        away = {s: abs(at - home) for s, at in found.items() if at is not None}
        sources = sorted(away, key=away.__getitem__) + [s for s in sources if s not in away]
    wanted = {need.product_id for need in shipment.needs}
    late = {source for source, product in supply.pickup_waiting if product in wanted}
    return [s for s in sources if s not in late] + [s for s in sources if s in late]


class Want(NamedTuple):
    """Units of a line, or of all lines of a product; ``whole`` may come where no fractions do."""

    line_id: int
    product_id: int
    units: int
    whole: int


def want_of(lines: list[Any]) -> Want:
    whole = sum(line.units // UNIT * UNIT for line in lines)
    return Want(lines[0].line_id, lines[0].product_id, sum(line.units for line in lines), whole)


def per_product(lines: Any) -> list[Want]:
    products = dict.fromkeys(line.product_id for line in lines)
    return [want_of([line for line in lines if line.product_id == p]) for p in products]


def decide(
    shipment: QueuedShipment,
    sources: Any,
    pool: Any,
    settings: Any,
    decimals: frozenset[tuple[int, int]],
) -> tuple[Any, Any]:
    if shipment.is_future:
        return move(shipment, sources, pool, decimals)
    if settings.mode == "BY_LINE":
        takes, after, rest = Counter[Any](), pool, []
        for line in shipment.needs:
            more, then = cover_all([want_of([line])], sources, after, settings, takes, decimals)
            if sum(more.values()) == line.units:
                takes, after = takes + more, then
            else:
                rest.append(line)
        wants = per_product(rest)
    else:
        wants = per_product(shipment.needs)
        if settings.mode == "FULL":
            takes, after = cover_all(wants, sources, pool, settings, Counter(), decimals)
            if sum(takes.values()) < sum(want.units for want in wants):
                takes, after = Counter(), pool
        else:
            takes, after = cover(wants, sources, pool, settings, Counter(), decimals)
    is_old = shipment.age_days >= settings.ageing_days
    if settings.policy == "STRICT" or (settings.policy == "AGEING" and is_old):
        after = keep(wants, sources, after, settings, takes, decimals)
    if settings.mode != "BY_LINE":
        takes = spread(takes, shipment.needs, sources, pool, decimals)
    return takes, after


def spread(
    takes: Any,
    lines: tuple[Need, ...],
    sources: Any,
    pool: Any,
    decimals: frozenset[tuple[int, int]],
) -> Any:
    """Give each line in turn its whole units from where only those are had, then the rest."""
    days = {record: day or date.min for day, _, _, record in pool}
    product_of = {line.line_id: line.product_id for line in lines}
    left, had, found = Counter[Any](), Counter[Any](), Counter[Any]()
    for (line, source, record), units in takes.items():
        left[product_of[line], source, record] += units
    in_order = sorted(left, key=lambda key: (days[key[2]], sources.index(key[1]), key[2] or 0))
    for may_be_fractions in (False, True):
        for line in lines:
            for origin in in_order:
                product, source, record = origin
                if (
                    product != line.product_id
                    or ((source, product) in decimals) != may_be_fractions
                ):
                    continue
                given = min(left[origin], line.units - had[line.line_id])
                if not may_be_fractions:
                    given = given // UNIT * UNIT
                left[origin] -= given
                had[line.line_id] += given
                found[line.line_id, source, record] += given
    return +found


def keep(
    wants: list[Want],
    sources: Any,
    pool: Any,
    settings: Any,
    takes: Any,
    decimals: frozenset[tuple[int, int]],
) -> Any:
    """Return the pool without what is kept for the rest of ``wants``."""
    is_limited = settings.limits.sources or settings.limits.sources_per_line
    rest, is_short = {}, False
    for want in wants:
        whole = want.whole - sum(
            units
            for (line, source, _), units in takes.items()
            if line == want.line_id and (source, want.product_id) not in decimals
        )
        missing = want.units - sum(
            units for (line, _, _), units in takes.items() if line == want.line_id
        )
        rest[want.product_id] = missing, whole
        in_fractions = in_whole = 0
        for (_, source, product, _), units in pool.items():
            if source in sources and product == want.product_id:
                if (source, product) in decimals:
                    in_fractions += units
                else:
                    in_whole += units // UNIT * UNIT
        is_short = is_short or in_fractions + min(in_whole, whole) < missing
    if not is_limited or is_short:
        return cover(wants, sources, pool, settings, takes, decimals)[1]
    # Only a limit stops it: what it could use, at every source.
    after = Counter(pool)
    for product, (missing, whole) in rest.items():
        for source in sources:
            gives_fractions = (source, product) in decimals
            could_use = missing if gives_fractions else min(missing, whole)
            origins = [key for key in pool if key[1] == source and key[2] == product]
            for key in sorted(origins, key=lambda key: (key[0] or date.min, key[3] or 0)):
                kept = min(could_use, pool[key])
                kept -= 0 if gives_fractions else kept % UNIT
                could_use -= kept
                after[key] -= kept
    return after


def move(
    shipment: QueuedShipment, sources: Any, pool: Any, decimals: frozenset[tuple[int, int]]
) -> tuple[Any, Any]:
    wanted = Counter[int]()
    for need in shipment.needs:
        wanted[need.product_id] += need.units
    for source in sources:
        own = shipment.received if source == shipment.source_id else {}
        short = {product: units - own.get(product, 0) for product, units in wanted.items()}
        is_fraction = any(
            need.units % UNIT and (source, need.product_id) not in decimals
            for need in shipment.needs
        )
        is_there = all(pool[NOW, source, product, NOW] >= units for product, units in short.items())
        if is_there and not is_fraction:
            after = Counter(pool)
            for product, units in short.items():
                after[NOW, source, product, NOW] -= units
            return Counter({(n.line_id, source, NOW): n.units for n in shipment.needs}), after
    return Counter(), pool


def cover_all(
    needs: list[Want],
    sources: Any,
    pool: Any,
    settings: Any,
    before: Any,
    decimals: frozenset[tuple[int, int]],
) -> tuple[Any, Any]:
    """Return what ``needs`` get where all of it is needed, and the pool without it."""
    for dated in (False, True):
        takes, after = cover(needs, sources, pool, settings, before, decimals, dated=dated)
        if sum(takes.values()) == sum(need.units for need in needs):
            return takes, after
        chosen = choose(needs, sources, pool, settings, before, decimals, dated=dated)
        if chosen is not None:
            return chosen
    return takes, after


def choose(
    needs: list[Want],
    sources: Any,
    pool: Any,
    settings: Any,
    before: Any,
    decimals: frozenset[tuple[int, int]],
    *,
    dated: bool,
) -> tuple[Any, Any] | None:
    """Try every set of sources there is; return what the best that covers all gives, or None."""
    most, most_of_line = settings.limits.sources, settings.limits.sources_per_line
    if most is None and most_of_line is None:
        return None
    wanted = Counter[int]()
    for need in needs:
        wanted[need.product_id] += need.units
    used = {source for _, source, _ in before}
    best = None
    for size in range(len(sources) + 1):
        for chosen in combinations(sources, size):
            if not used <= set(chosen) or (most is not None and size > most):
                continue
            opened = {}
            for product, units in wanted.items():
                now = {s: pool[NOW, s, product, NOW] for s in chosen}
                whole = Counter(now)
                for (day, source, of, _), left in pool.items():
                    if dated and day and source in now and of == product:
                        whole[source] += left
                give = sorted(chosen, key=lambda s: (-min(whole[s], units), -min(now[s], units)))[
                    :most_of_line
                ]
                if sum(whole[s] for s in give) < units:
                    break
                opened[product] = give
            else:
                rules = replace(settings, limits=NO_LIMITS)
                shut = Counter({k: v for k, v in pool.items() if k[1] in opened.get(k[2], ())})
                takes, _ = cover(needs, chosen, shut, rules, Counter(), decimals, dated=dated)
                if sum(takes.values()) < sum(wanted.values()):
                    continue
                current = sum(units for (_, _, record), units in takes.items() if not record)
                days = {record: day for day, _, _, record in pool}
                last = max(days[record] or date.min for _, _, record in takes)
                order = [sources.index(source) for source in chosen]
                rank = size, -current, last, order
                if best is None or rank < best[0]:
                    best = rank, takes
    if best is None:
        return None
    products = {need.line_id: need.product_id for need in needs}
    after = Counter(pool)
    days = {record: day for day, _, _, record in pool}
    for (line, source, record), units in best[1].items():
        after[days[record] if record else NOW, source, products[line], record] -= units
    return best[1], after


def cover(
    needs: list[Want],
    sources: Any,
    pool: Any,
    settings: Any,
    before: Any,
    decimals: frozenset[tuple[int, int]],
    *,
    dated: bool = True,
) -> tuple[Any, Any]:
    """Return what ``needs`` get on top of the takes ``before``, and the pool without it.

    ``dated``: from supply that is to come too.
    """
    got, after = Counter[Any](), Counter(pool)

    def offer(source: Source) -> Any:
        """What this source would give now, its limits respected."""
        used = {key[1] for key in before + got}
        limit = settings.limits.sources
        given, rest = Counter[Any](), Counter(after)
        if limit is not None and source not in used and len(used) >= limit:
            return given
        for need in needs:
            units = min(missing(need), rest[NOW, source, need.product_id, NOW])
            units = fitting(source, need, units)
            if units > 0 and line_may_use(need, source):
                given[need.line_id, source, NOW] = units
                rest[NOW, source, need.product_id, NOW] -= units
        return given

    def fitting(source: Any, need: Any, units: Any) -> Any:
        """Only where decimals are used, a fraction of a line is given."""
        if (source, need.product_id) in decimals:
            return units
        have = before + got
        given = sum(
            have[key]
            for key in have
            if key[0] == need.line_id and (key[1], need.product_id) not in decimals
        )
        return min(units, need.whole - given) // UNIT * UNIT

    def line_may_use(need: Any, source: Any) -> bool:
        used = {key[1] for key in before + got if key[0] == need.line_id}
        limit = settings.limits.sources_per_line
        return limit is None or source in used or len(used) < limit

    def release_may_use(source: Any) -> bool:
        used = {key[1] for key in before + got}
        limit = settings.limits.sources
        return limit is None or source in used or len(used) < limit

    def missing(need: Any) -> Any:
        have = sum(units for key, units in (before + got).items() if key[0] == need.line_id)
        return need.units - have

    def accept(given: Any, day: Any) -> None:
        products = {need.line_id: need.product_id for need in needs}
        for (line, source, record), units in given.items():
            got[line, source, record] += units
            after[day, source, products[line], record] -= units

    def coming_of(product: Any) -> list[Any]:
        return sorted(
            (key for key in after if key[0] and key[2] == product and key[1] in sources),
            key=lambda key: (key[0], sources.index(key[1]), key[3]),
        )

    def exchange(is_dated: bool) -> bool:
        """Where a fraction lacks, have a whole unit of elsewhere for fractions given before."""
        for need in needs:
            if not 0 < missing(need) < UNIT:
                continue
            product = need.product_id
            origins = [(NOW, source, product, NOW) for source in sources]
            origins += coming_of(product) if is_dated else []
            given = [
                key
                for key in got
                if key[0] == need.line_id and (key[1], product) in decimals and got[key]
            ]
            back = UNIT - missing(need)
            for origin in origins:
                source = origin[1]
                if (
                    (source, product) not in decimals
                    and after[origin] >= UNIT
                    and fitting(source, need, UNIT) == UNIT
                    and sum(got[key] for key in given) >= back
                    and release_may_use(source)
                    and line_may_use(need, source)
                ):
                    for key in reversed(given):
                        units = min(back, got[key])
                        back -= units
                        accept({key: -units}, days[key[2]])
                    accept({(need.line_id, source, origin[3]): UNIT}, origin[0])
                    return True
        return False

    def take_most() -> None:
        while sources:
            # The most units win; covering everything is the most there can be; ties by order.
            best = max(map(offer, sources), key=lambda given: sum(given.values()))
            if not best:
                break
            accept(best, NOW)

    def take_dated() -> None:
        for need in needs:
            for day, source, product, record in coming_of(need.product_id):
                units = min(missing(need), after[day, source, product, record])
                units = fitting(source, need, units)
                if units > 0 and release_may_use(source) and line_may_use(need, source):
                    accept({(need.line_id, source, record): units}, day)

    days = {record: day for day, _, _, record in pool}
    take_most()
    while exchange(is_dated=False):
        take_most()
    if dated:
        take_dated()
        while exchange(is_dated=True):
            take_most()
            take_dated()
    return +got, after
