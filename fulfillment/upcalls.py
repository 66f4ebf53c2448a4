"""What fulfillment answers to the apps it builds on."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from fulfillment.operations.moves.bars import end_bars
from fulfillment.operations.moves.ended_units import end_units, units_on
from fulfillment.operations.payments import holds
from fulfillment.operations.payments.unpaid_orders import cancel_unpaid_order
from fulfillment.operations.placing.routed_orders import route_order, write_routed_order
from fulfillment.operations.placing.virtual_lines import end_virtual_allocations
from fulfillment.operations.shipments.shortfalls import (
    deallocate_shortfall,
    holders,
    lock_giving_way,
    would_give_way,
)
from fulfillment.operations.supply import promises, receipts
from fulfillment.queries import of_order
from fulfillment.queries.expected import expected_dates
from fulfillment.queries.fractions import orders_of_fractions
from fulfillment.queries.shipped import shipped_from
from fulfillment.release.runs.arrivals import note_arrival
from inventory.downstream import GivingWay, Holder
from inventory.promises import Promise, Served, TakeBackPlan
from orders.downstream import (
    EndedUnits,
    OrderShipment,
    OrderToRoute,
    RoutedOrder,
    ShipmentHappening,
    WrittenOrder,
)
from orders.models import Order


class OrdersDownstream:
    """The upcalls of orders (:class:`orders.downstream.Downstream`)."""

    def route(self, order: OrderToRoute) -> RoutedOrder:
        return route_order(order)

    def write_shipments(
        self,
        written: WrittenOrder,
        order: OrderToRoute,
        routed: RoutedOrder,
        *,
        now: datetime,
        actor_id: int | None,
    ) -> None:
        write_routed_order(written, order, routed, now=now, actor_id=actor_id)

    def end_virtual_allocations(
        self, quantities: Mapping[int, Decimal]
    ) -> Mapping[tuple[int, int], Decimal]:
        return end_virtual_allocations(quantities)

    def end_units(
        self, order: Order, ended: EndedUnits, *, now: datetime, actor_id: int | None
    ) -> Mapping[tuple[int, int], Decimal]:
        return end_units(order, ended, now=now, actor_id=actor_id)

    def units_on(
        self, order: Order, shipment_number: str, *, expected_version: int | None
    ) -> Mapping[int, Decimal]:
        return units_on(order, shipment_number, expected_version=expected_version)

    def shipped_from(self, line_ids: Collection[int]) -> Mapping[int, list[tuple[int, Decimal]]]:
        return shipped_from(line_ids)

    def expected_dates(self, order_ids: Collection[int]) -> Mapping[int, date]:
        return expected_dates(order_ids)

    def secure(self, order_id: int, *, now: datetime) -> None:
        holds.secure(order_id, now=now)

    def refuse(self, order_id: int, *, is_final: bool, now: datetime) -> None:
        holds.refuse(order_id, is_final=is_final, now=now)

    def cancel_open(
        self, order_id: int, *, now: datetime, actor_id: int | None, reason: str
    ) -> None:
        cancel_unpaid_order(order_id, now=now, actor_id=actor_id, reason=reason)

    def shipments_of(self, order_id: int) -> list[OrderShipment]:
        return of_order.shipments_of(order_id)

    def shipments_of_orders(self, order_ids: Collection[int]) -> Mapping[int, list[OrderShipment]]:
        return of_order.shipments_of_orders(order_ids)

    def happenings_of(self, order_id: int) -> list[ShipmentHappening]:
        return of_order.happenings_of(order_id)

    def waiting_orders(self) -> QuerySet[Any]:
        return of_order.waiting_orders()

    def orders_served_by(self, source_id: int) -> QuerySet[Any]:
        return of_order.orders_served_by(source_id)


class InventoryDownstream:
    """The upcalls of the inventory (:class:`inventory.downstream.Downstream`)."""

    def holders(self, source_item_ids: Collection[int]) -> Mapping[int, list[Holder]]:
        return holders(source_item_ids)

    def lock_giving_way(self, shortfalls: Mapping[int, Decimal]) -> GivingWay:
        return lock_giving_way(shortfalls)

    def deallocate_shortfall(
        self, shortfalls: Mapping[int, Decimal], *, now: datetime, actor_id: int | None
    ) -> list[str]:
        return deallocate_shortfall(shortfalls, now=now, actor_id=actor_id)

    def would_give_way(self, shortfalls: Mapping[int, Decimal]) -> list[str]:
        return would_give_way(shortfalls)

    def orders_of_fractions(
        self, places: Collection[tuple[int, int]], product_ids: Collection[int]
    ) -> Mapping[int, list[str]]:
        return orders_of_fractions(places, product_ids)

    def units_became_available(self, product_ids: Collection[int]) -> None:
        note_arrival(product_ids)

    def units_counted(self, source_item_ids: Collection[int]) -> None:
        end_bars(source_item_ids)

    def promises(self, supply_id: int) -> list[Promise]:
        return promises.promises(supply_id)

    def lock_promises(self, supply_ids: Collection[int]) -> list[int]:
        return promises.lock_promises(supply_ids)

    def break_promises(
        self, shipment_ids: Collection[int], *, now: datetime, actor_id: int | None
    ) -> None:
        promises.break_promises(shipment_ids, now=now, actor_id=actor_id)

    def move_promises(self, supply_id: int, *, now: datetime, actor_id: int | None) -> None:
        promises.move_promises(supply_id, now=now, actor_id=actor_id)

    def supply_arrived(
        self,
        supply_id: int,
        item_id: int,
        *,
        quantity: Decimal,
        receipt_id: int | None,
        now: datetime,
        actor_id: int | None,
    ) -> None:
        promises.supply_arrived(
            supply_id,
            item_id,
            quantity=quantity,
            receipt_id=receipt_id,
            now=now,
            actor_id=actor_id,
        )

    def served_by(self, receipt_id: int, item_id: int) -> list[Served]:
        return receipts.served_by(receipt_id, item_id)

    def lock_served(self, supply_id: int, shipment_ids: Collection[int]) -> Collection[int]:
        return promises.lock_with_supply([supply_id], shipment_ids)

    def take_from_served(
        self,
        receipt_id: int,
        item_id: int,
        plan: TakeBackPlan,
        *,
        now: datetime,
        actor_id: int | None,
    ) -> Decimal:
        return receipts.take_from_served(receipt_id, item_id, plan, now=now, actor_id=actor_id)
