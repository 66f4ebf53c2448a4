"""The alerts and the board speak of figures that exist, with their labels."""

import json
import re
from pathlib import Path

import yaml

from config.gauges import GAUGES, PREFIX
from docs.reference.metrics import alerts

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
FIGURE = re.compile(rf"\b{PREFIX}(\w+)(?:\{{([^}}]*)\}})?")
BY = re.compile(r"\bby \(([a-z_, ]+)\)")
# Of a query language, where no figure of ours stands.
WORDS = {
    "absent",
    "and",
    "by",
    "delta",
    "increase",
    "max",
    "or",
    "rate",
    "sum",
    "topk",
    "up",
    "job",
}


def faults_of(expression: str) -> list[str]:
    """Return what an expression names that no figure has."""
    figures = FIGURE.findall(expression)
    if unknown := [name for name, _labels in figures if name not in GAUGES]:
        return unknown
    found: list[str] = []
    labels = {label for name, _labels in figures for label in GAUGES[name].labels}
    for name, matchers in figures:
        asked = set(re.findall(r"(\w+)\s*[=!]", matchers))
        found += sorted(asked - set(GAUGES[name].labels))
        if GAUGES[name].is_counter != any(span in expression for span in ("[5m]", "[15m]")):
            found.append(f"{name}: counters are rated, gauges are not")
    for group in BY.findall(expression):
        found += sorted({label.strip() for label in group.split(",")} - labels)
    if expression.count("(") != expression.count(")"):
        found.append("parentheses")
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\"[^\"]*\"", "", expression)
    words = set(re.findall(r"[a-z][a-z_]*", bare))
    return found + sorted(
        word for word in words - WORDS - labels if not word.startswith(PREFIX.rstrip("_"))
    )


def test_every_alert_watches_a_figure_and_says_what_to_do() -> None:
    written = yaml.safe_load((DEPLOY / "prometheus-alerts.yml").read_text())

    assert set(written) == {"groups"}
    assert len(alerts()) > 15
    assert len({alert["alert"] for alert in alerts()}) == len(alerts())
    for alert in alerts():
        assert faults_of(alert["expr"]) == [], alert["alert"]
        assert set(alert) <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"\d+[smh]", alert.get("for", "1m"))
        assert alert["labels"]["severity"] in {"page", "ticket"}
        assert all(alert["annotations"][name] for name in ("summary", "action"))


def test_the_board_shows_every_figure_and_no_other() -> None:
    board = json.loads((DEPLOY / "grafana-board.json").read_text())
    panels = board["panels"]
    shown = {
        name
        for panel in panels
        for target in panel["targets"]
        for name, _labels in FIGURE.findall(target["expr"])
    }

    for panel in panels:
        for target in panel["targets"]:
            assert faults_of(target["expr"]) == [], panel["title"]
            labels = {
                label
                for name, _labels in FIGURE.findall(target["expr"])
                for label in GAUGES[name].labels
            }
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= labels
    # Those on hold and the schedules that cannot run have an alert, or a page of their own.
    assert set(GAUGES) - shown == {"waiting_held_shipments", "faulty_schedules", "broker_up"}


def test_no_panel_lies_over_another() -> None:
    panels = json.loads((DEPLOY / "grafana-board.json").read_text())["panels"]
    boxes = [panel["gridPos"] for panel in panels]
    cells = [
        (x, y)
        for box in boxes
        for x in range(box["x"], box["x"] + box["w"])
        for y in range(box["y"], box["y"] + box["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _y in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_a_figure_that_is_not_there_is_found() -> None:
    assert faults_of("backoffice_nothing > 0") == ["nothing"]
    assert faults_of('backoffice_jobs{kind="QUEUED"} > 0') == ["kind"]
    assert faults_of("backoffice_requests_total > 0") != []
    assert faults_of("sum by (task) (backoffice_jobs)") == ["task", "task"]
    assert faults_of("rte(backoffice_workers)") == ["rte"]
