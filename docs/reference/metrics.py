"""The page of what Prometheus reads, from the table of figures."""

from config.gauges import GAUGES, PREFIX
from docs.tables import table

INTRODUCTION = """\
All are gauges, read at `/metrics`. What to watch, and what to do about it, is in
[Metrics](../operations/metrics.md).
"""


def page() -> str:
    """Return the page's text below its title."""
    rows = [
        (f"`{PREFIX}{name}`", ", ".join(f"`{label}`" for label in figure.labels) or "–",
         figure.meaning)
        for name, figure in GAUGES.items()
    ]  # fmt: skip
    return f"{INTRODUCTION}\n{table(('Name', 'Labels', 'Meaning'), rows)}\n"
