"""How far a reader walks: what of the project one task enters, from file to file.

Each task is done once before it is counted, so that imports and caches are not part of it.
"""

import ast
import json
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.acts import Act
from core.operations.api_keys import issue_key
from fulfillment.models import Shipment
from fulfillment.tasks import release_arrivals
from inventory.files import imports
from inventory.models import Product, SalesChannel, Source, SourceItem, Stock, StockSource
from inventory.options import Backorders
from tests.opened_form import opened_form

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("config", "core", "demo", "inventory", "orders", "fulfillment")
APPS = tuple(f"{ROOT / room}/" for room in ROOMS)
CODE = "walk"
ADDRESS = {
    "recipient": "Ada Example",
    "street": "1 High Street",
    "city": "London",
    "postcode": "SW1A 1AA",
    "country": "GB",
}
# Bodies that Python itself calls functions, though nobody wrote them as such.
UNNAMED = ("<module>", "<genexpr>", "<listcomp>", "<dictcomp>", "<setcomp>", "<lambda>")


class CallCounter:
    """Counts what the project enters while it is the profiler."""

    def __init__(self) -> None:
        self.functions: set[CodeType] = set()
        self.moves = 0
        self._file = ""

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(APPS):
            return
        if code.co_name not in UNNAMED:
            self.functions.add(code)
        self.moves += code.co_filename != self._file
        self._file = code.co_filename

    @property
    def files(self) -> set[str]:
        """The files of all functions that were entered."""
        return {code.co_filename for code in self.functions}


def run() -> Iterator[dict[str, Any]]:
    """Yield files, functions and moves of each task, and the lines of code of each app."""
    client, secret = make_world()

    def api(method: str, path: str, body: object = None) -> Any:
        answer = client.generic(
            method,
            f"/api/v1/{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        if answer.status_code >= 400:
            raise RuntimeError(answer.content.decode())
        return answer.json()

    def place() -> None:
        api("POST", "orders/", {
            "channel": CODE,
            "customer": {"name": "Ada Example", "email": "ada@example.com"},
            "address": ADDRESS,
            "lines": [{"sku": "WALK-1", "quantity": "2"}, {"sku": "WALK-2", "quantity": "1"}],
            "payment": {"gateway": "manual"},
        })  # fmt: skip

    def explain() -> None:
        waiting = Shipment.objects.filter(state="BACKORDER").order_by("pk")[0]
        api("GET", f"shipments/{waiting.number}/explanation/")

    def count_and_release() -> None:
        item = SourceItem.objects.get(product__sku="WALK-1", source__code=f"{CODE}-1")
        page = reverse("admin:inventory_sourceitem_change", args=[item.pk])
        form = opened_form(client.get(page).content.decode())
        form["quantity"] = str(item.quantity + 2)
        saved = client.post(page, form)
        if saved.status_code != 302:
            raise RuntimeError(saved.content.decode())
        release_arrivals()

    def bring_in() -> None:
        quantity = SourceItem.objects.get(product__sku="WALK-3", source__code=f"{CODE}-1").quantity
        content = f"source_code,sku,quantity,status\n{CODE}-1,WALK-3,{quantity + 1},1\n".encode()
        act, day = Act(timezone.now()), timezone.localdate()
        file = imports.receive(
            content, act, name="walk.csv", format_code="STOCK_SOURCES", behavior="APPEND",
            limit=10_000,
        )  # fmt: skip
        imports.check(file.pk, today=day, progress=lambda *_counts: None)
        imports.write(file.pk, act, today=day, progress=lambda *_counts: None)

    for case, task in (
        ("place an order over the API", place),
        ("explain why a shipment waits", explain),
        ("count a product until its shipment is ready", count_and_release),
        ("import a stock file", bring_in),
    ):
        yield from counted(case, task)
    for name, lines in lines_of_code().items():
        yield {
            "benchmark": "walk",
            "case": f"lines of code: {name}",
            "unit": "lines",
            "ours": lines,
        }


def counted(case: str, task: Callable[[], None]) -> Iterator[dict[str, Any]]:
    """Do a task twice; yield what the second time entered."""
    task()
    walk = CallCounter()
    sys.setprofile(walk)
    try:
        task()
    finally:
        sys.setprofile(None)
    figures = {"files": len(walk.files), "functions": len(walk.functions), "moves": walk.moves}
    for unit, count in figures.items():
        yield {"benchmark": "walk", "case": case, "unit": unit, "ours": count}


def make_world() -> tuple[Client, str]:
    """Make a shop that takes backorders; return a client that is signed in, and an API key."""
    stock = Stock.objects.create(code=CODE, name="Walk")
    SalesChannel.objects.create(code=CODE, stock=stock)
    for number in (1, 2):
        source = Source.objects.create(
            code=f"{CODE}-{number}", name="Walk", postcode="1", country="US"
        )
        StockSource.objects.create(stock=stock, source=source, priority=number)
        for sku in ("WALK-1", "WALK-2", "WALK-3"):
            product, _ = Product.objects.get_or_create(
                sku=sku,
                defaults={
                    "name": "Walk",
                    "price": Decimal(10),
                    "backorders": Backorders.ALLOW_QTY_BELOW_0,
                },
            )
            SourceItem.objects.create(source=source, product=product, quantity=Decimal(0))
    user = User.objects.create_superuser("walk")
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    _key, secret = issue_key(user.pk, name="walk", now=timezone.now())
    return client, secret


def lines_of_code() -> dict[str, int]:
    """Return lines without blanks, comments, docstrings and imports, by app, and all together."""
    counts = {
        room: sum(map(_lines_of, sorted((ROOT / room).rglob("*.py"))))
        for room in ROOMS
        if (ROOT / room).is_dir()
    }
    return {**counts, "all": sum(counts.values())}


def _lines_of(path: Path) -> int:
    if "migrations" in path.parts:
        return 0
    text = path.read_text()
    kept = {
        number
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.strip().startswith("#")
    }
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom) or (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            kept -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(kept)
