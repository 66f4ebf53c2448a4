"""Runs benchmarks on a database of their own, each row kept as JSON."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from rich.console import Console
from rich.table import Table

DATABASE = "backoffice_bench"
# Where the table goes to a file, no column is folded.
WIDE = 160
RESULTS = Path(__file__).parent / "results.jsonl"


# A row is one measured case; ``floor`` and ``ratio`` are None where nothing is compared with.
COLUMNS = ("benchmark", "case", "unit", "ours", "floor", "ratio", "queries")
Benchmark = Callable[[], Iterable[dict[str, Any]]]


def run(benchmarks: dict[str, Benchmark], *, only: list[str]) -> None:
    """Run the benchmarks named in ``only`` (all, if none is), each on an empty database."""
    console = Console()
    if not console.is_terminal:
        console.width = WIDE
    rows: list[dict[str, Any]] = []
    for name, benchmark in benchmarks.items():
        if only and name not in only:
            continue
        console.print(f"[bold]{name}[/bold]")
        fresh_database()
        for row in benchmark():
            rows.append({name: row.get(name) for name in COLUMNS})
            console.print(_line(row), highlight=False)
    _print(console, rows)
    RESULTS.write_text("".join(json.dumps(row) + "\n" for row in rows))


def fresh_database() -> None:
    """Make the benchmarks' own database again, and use it from here on in every process."""
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = "postgres"
    connection.settings_dict["NAME"] = "postgres"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = DATABASE
    connection.settings_dict["NAME"] = DATABASE
    call_command("migrate", verbosity=0, interactive=False)


def _line(row: dict[str, Any]) -> str:
    return f"  {row['case']}: {row['ours']:,} {row['unit']}"


def _print(console: Console, rows: list[dict[str, Any]]) -> None:
    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in COLUMNS))
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
