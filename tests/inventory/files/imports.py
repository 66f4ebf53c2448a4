"""Brings a text in as a person would: received, checked, and confirmed."""

from datetime import UTC, date, datetime
from typing import Any

from core.acts import Act
from inventory.files import imports
from inventory.files.findings import Findings, findings_from
from inventory.models import ImportFile

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
TODAY = date(2026, 4, 28)
LIMIT = 1_000_000


def quiet(_count: int) -> None:
    """Nobody watches."""


def checked(
    text: Any,
    *,
    format_code: Any = "STOCK_SOURCES",
    behavior: Any = "APPEND",
    name: str = "stock.csv",
    by_id: Any = None,
) -> ImportFile:
    """Receive and check a file of lines (or bytes); return it."""
    content = text if isinstance(text, bytes) else text.encode()
    file = imports.receive(
        content, Act(NOW, by_id), name=name, format_code=format_code, behavior=behavior, limit=LIMIT
    )
    return imports.check(file.pk, today=TODAY, progress=quiet)


def written(text: str | bytes, **arguments: Any) -> ImportFile:
    """Bring a file in whole; return it."""
    return confirmed(checked(text, **arguments))


def confirmed(file: ImportFile) -> ImportFile:
    """Write a checked file; return it."""
    return imports.write(file.pk, Act(NOW), today=TODAY, progress=quiet)


def findings(file: Any) -> Findings:
    return findings_from(file.findings)


def steps(file: Any) -> list[Any]:
    """What its rows would do, by line, as the preview keeps it."""
    return list(file.steps.order_by("line"))


def cells_of(step: Any) -> list[tuple[Any, ...]]:
    """What a step does, as (column, before, after)."""
    return [tuple(cell) for cell in step.cells]


def sentences(file: Any) -> list[tuple[int, str, str]]:
    """What is wrong, as (line, column, sentence)."""
    return [(problem.line, problem.column, problem.sentence) for problem in findings(file).problems]


def counts(file: Any) -> tuple[int, int, int, int, int, int]:
    """New, changed, unchanged, deleted, skipped, refused."""
    found = findings(file)
    return (
        found.new_count,
        found.changed_count,
        found.unchanged_count,
        found.deleted_count,
        found.skipped_count,
        found.refused_row_count,
    )
