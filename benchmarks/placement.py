"""Orders placed a second, beside the least SQL that writes the same rows with the same guarantee.

1,000 products at 4 sources; orders of one line and of five, spread over the products or all with
one hot product, from one process and from two. The payment is the manual gateway's. The shop has
sold before, so that statements are planned for tables with rows in them.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from multiprocessing import get_context
from random import Random
from statistics import fmean

import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.lean_placement import LeanClient, make_tables
from benchmarks.placement_floor import FloorClient
from core.acts import Act
from inventory.models import Product, SalesChannel, Source, SourceItem, Stock, StockSource
from orders.placing.place import place_order
from orders.placing.request import Address, Customer, LineRequest, OrderRequest

ADDRESS = Address("Ada Example", "1 High Street", "London", "", "SW1A 1AA", "GB")
PRODUCT_COUNT = 1000
SOURCE_COUNT = 4
EARLIER_ORDERS = 1000
# Ours and the floor take turns, so that both have what the machine is like at the time.
ROUNDS = 2
SECONDS = 2.0
CHANNEL = "bench"
PLENTY = Decimal(100_000_000)
Case = tuple[int, bool]


def prepare() -> None:
    """Make the products, sources and channel that every case sells from."""
    stock = Stock.objects.create(code=CHANNEL, name="Benchmark")
    SalesChannel.objects.create(code=CHANNEL, stock=stock)
    sources = [
        Source.objects.create(code=f"bench-{number}", name="Bench", postcode="1", country="US")
        for number in range(SOURCE_COUNT)
    ]
    StockSource.objects.bulk_create(
        StockSource(stock=stock, source=source, priority=number)
        for number, source in enumerate(sources, start=1)
    )
    products = Product.objects.bulk_create(
        Product(sku=f"BENCH-{number}", name="Bench", price=Decimal(10))
        for number in range(PRODUCT_COUNT)
    )
    SourceItem.objects.bulk_create(
        SourceItem(source=source, product=product, quantity=PLENTY)
        for product in products
        for source in sources
    )
    random = Random(0)  # noqa: S311 - which products, not a secret
    for number in range(EARLIER_ORDERS):
        place(skus_of_order(random, 1 + number % 5, is_hot=number % 4 == 0))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def skus_of_order(random: Random, line_count: int, *, is_hot: bool) -> list[str]:
    """Return the SKUs of one order; with ``is_hot`` the first product is in every order."""
    numbers = random.sample(range(1, PRODUCT_COUNT), line_count)
    if is_hot:
        numbers[0] = 0
    return [f"BENCH-{number}" for number in numbers]


def place(skus: list[str]) -> None:
    """Place one order through the Python API."""
    place_order(
        OrderRequest(
            channel=CHANNEL,
            customer=Customer("Ada Example", "ada@example.com"),
            address=ADDRESS,
            lines=tuple(LineRequest(sku, Decimal(1)) for sku in skus),
        ),
        Act(datetime.now(UTC)),
    )


def orders_per_second(place_one: Callable[[list[str]], None], seed: int, case: Case) -> float:
    """Place orders for a while, in this process; return how many a second."""
    random = Random(seed)  # noqa: S311 - which products, not a secret
    for _ in range(20):
        place_one(skus_of_order(random, case[0], is_hot=case[1]))
    placed, began = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < SECONDS:
        place_one(skus_of_order(random, case[0], is_hot=case[1]))
        placed += 1
    return placed / elapsed


def ours(seed: int, case: Case) -> float:
    """Measure the Python API in this process."""
    return orders_per_second(place, seed, case)


def floor(seed: int, case: Case) -> float:
    """Measure the least SQL, through psycopg alone, in this process."""
    with client() as connected:
        return orders_per_second(FloorClient(connected, CHANNEL).place, seed, case)


def lean(seed: int, case: Case) -> float:
    """Measure the least SQL into lean tables, through psycopg alone, in this process."""
    with client() as connected:
        return orders_per_second(LeanClient(connected).place, seed, case)


def client() -> psycopg.Connection:
    """Return a connection to the benchmarks' database that Django has no part in."""
    settings = connection.get_connection_params()
    keys = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(**{key: settings[key] for key in keys if key in settings})


def together(measure: Callable[[int, Case], float], case: Case, process_count: int) -> float:
    """Return the orders a second of so many processes measuring at once."""
    with ProcessPoolExecutor(process_count, mp_context=get_context("fork")) as pool:
        rates = [pool.submit(measure, seed, case) for seed in range(process_count)]
        return sum(rate.result() for rate in rates)


def compared(case: Case, process_count: int) -> tuple[float, float, float]:
    """Return the orders a second of the Python API, the floor and the lean floor, in turns."""
    rates = [
        [together(measure, case, process_count) for measure in (ours, floor, lean)]
        for _ in range(ROUNDS)
    ]
    our_rate, floor_rate, lean_rate = (fmean(column) for column in zip(*rates, strict=True))
    return our_rate, floor_rate, lean_rate


def query_count(line_count: int) -> int:
    """Return the statements that one order costs, its payment included."""
    with CaptureQueriesContext(connection) as queries:
        place(skus_of_order(Random(1), line_count, is_hot=False))  # noqa: S311
    return sum(query["sql"] not in ("BEGIN", "COMMIT") for query in queries.captured_queries)


def run() -> Iterator[dict[str, object]]:
    """Yield a row for each case, on a database that is migrated and thrown away."""
    prepare()
    queries = {line_count: query_count(line_count) for line_count in (1, 5)}
    with client() as connected:
        make_tables(connected)
    connection.close()
    for line_count in (1, 5):
        for is_hot in (False, True):
            for process_count in (1, 2):
                our_rate, *floors = compared((line_count, is_hot), process_count)
                spread = "one hot product" if is_hot else "spread"
                for floor_rate, name in zip(floors, ("", ", lean floor"), strict=True):
                    yield {
                        "benchmark": "placement",
                        "case": f"{line_count} lines, {spread}, {process_count} processes{name}",
                        "unit": "orders/s",
                        "ours": round(our_rate, 1),
                        "floor": round(floor_rate, 1),
                        "ratio": round(our_rate / floor_rate, 2),
                        "queries": queries[line_count],
                    }
