"""The least that PostgreSQL can do to place an order: tables with nothing but primary keys.

An order with its lines, the units set aside and one event are written while the rows of the items
are locked; the payment is a second commit, as in ours.
"""

from datetime import UTC, datetime

import psycopg

from benchmarks.placement_floor import NotEnoughError

TABLES = """
CREATE TABLE lean_order (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    total bigint NOT NULL, is_paid boolean NOT NULL, placed_at timestamptz NOT NULL);
CREATE TABLE lean_order_line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL, product_id bigint NOT NULL, units bigint NOT NULL);
CREATE TABLE lean_set_aside (line_id bigint, source_id bigint, units bigint NOT NULL,
    PRIMARY KEY (line_id, source_id));
CREATE TABLE lean_order_event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL, kind text NOT NULL, at timestamptz NOT NULL);
CREATE TABLE lean_order_item (product_id bigint, source_id bigint, units bigint NOT NULL,
    PRIMARY KEY (product_id, source_id));
INSERT INTO lean_order_item
SELECT product_id, source_id, quantity::bigint FROM inventory_sourceitem
"""
LOCK = """
SELECT FROM lean_order_item WHERE product_id = ANY(%s) ORDER BY product_id, source_id FOR UPDATE
"""
TAKE = """
UPDATE lean_order_item SET units = units - 1
WHERE product_id = ANY(%s) AND source_id = %s AND units >= 1
"""
WRITE = """
WITH placed AS (
    INSERT INTO lean_order (total, is_paid, placed_at)
    VALUES (%(total)s, FALSE, %(now)s) RETURNING id
), line AS (
    INSERT INTO lean_order_line (order_id, product_id, units)
    SELECT placed.id, product_id, 1 FROM placed, unnest(%(products)s::bigint[]) AS product_id
    RETURNING id
), event AS (
    INSERT INTO lean_order_event (order_id, kind, at) SELECT id, 'PLACED', %(now)s FROM placed
), held AS (
    INSERT INTO lean_set_aside (line_id, source_id, units) SELECT id, %(source)s, 1 FROM line
)
SELECT id FROM placed
"""


def make_tables(client: psycopg.Connection) -> None:
    """Make the tables, with an item for each of the product's."""
    for statement in TABLES.split(";\n"):
        client.execute(statement)
    client.commit()


class LeanClient:
    """Places orders of one unit a line from the first source, with every key known beforehand."""

    def __init__(self, client: psycopg.Connection) -> None:
        self._client = client
        self._products: dict[str, int] = dict(
            client.execute("SELECT sku, id FROM inventory_product").fetchall()
        )
        row = client.execute("SELECT min(source_id) FROM lean_order_item").fetchone()
        self._source = row[0] if row else None
        client.commit()

    def place(self, skus: list[str]) -> None:
        """Place one order and record its payment: four statements, two commits."""
        products = [self._products[sku] for sku in skus]
        order = {
            "total": 10 * len(skus),
            "now": datetime.now(UTC),
            "products": products,
            "source": self._source,
        }
        with self._client.transaction():
            self._client.execute(LOCK, [products])
            if self._client.execute(TAKE, [products, self._source]).rowcount != len(skus):
                raise NotEnoughError
            row = self._client.execute(WRITE, order).fetchone()
        with self._client.transaction():
            self._client.execute("UPDATE lean_order SET is_paid = TRUE WHERE id = %s", row)
