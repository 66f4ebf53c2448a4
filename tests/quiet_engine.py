"""Stands in for the release engine where a test of the inventory needs no orders."""

from collections.abc import Collection, Mapping

from inventory.promises import Promise


class QuietEngine:
    """Is told of arrivals and ended bars, releases nothing, and has promised nothing."""

    def __init__(self) -> None:
        self.arrivals: list[list[int]] = []

    def end_bars(self, item_ids: Collection[int]) -> None:
        pass

    def note_arrival(self, product_ids: Collection[int]) -> None:
        self.arrivals.append(list(product_ids))

    def promises(self, supply_ids: Collection[int]) -> Mapping[int, list[Promise]]:
        return {supply_id: [] for supply_id in supply_ids}
