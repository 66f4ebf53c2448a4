"""The page of what Prometheus reads, from the table of figures."""

from pathlib import Path
from typing import Any

import yaml

from config.gauges import GAUGES, PREFIX
from docs.tables import table

ALERTS = Path(__file__).resolve().parents[2] / "deploy" / "prometheus-alerts.yml"
INTRODUCTION = """\
Read at `/metrics`. Those that end in `_total` are counters, the others gauges. What is counted is
kept in the broker, and begins at zero where the broker loses its data. How to have them read is in
[Metrics](../operations/metrics.md).
"""
OF_ALERTS = """\
## Alerts

`deploy/prometheus-alerts.yml` has them all. *Page* wakes somebody up, *ticket* is for the day.
"""


def page() -> str:
    """Return the page's text below its title."""
    rows = [
        (f"`{PREFIX}{name}`", ", ".join(f"`{label}`" for label in figure.labels) or "–",
         figure.meaning)
        for name, figure in GAUGES.items()
    ]  # fmt: skip
    figures = table(("Name", "Labels", "Meaning"), rows)
    heads = ("Watch", "For", "It means", "Do", "Severity")
    return f"{INTRODUCTION}\n{figures}\n\n{OF_ALERTS}\n{table(heads, map(_row, alerts()))}\n"


def alerts() -> list[dict[str, Any]]:
    """Return the alerts, in the order of their file."""
    (group,) = yaml.safe_load(ALERTS.read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def _row(alert: dict[str, Any]) -> tuple[str, ...]:
    said = alert["annotations"]
    return (
        f"`{alert['expr']}`",
        alert.get("for", "–"),
        said["summary"],
        said["action"],
        alert["labels"]["severity"],
    )
