"""The one table of what Prometheus reads: the labels of each figure, what it means."""

from dataclasses import dataclass

PREFIX = "backoffice_"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A gauge; with labels, it has a value for each combination."""

    meaning: str
    labels: tuple[str, ...] = ()


GAUGES = {
    "build_info": Gauge("1, with the version that answers.", ("version",)),
    "waiting_shipments": Gauge("Shipments that wait.", ("state", "age")),
    "waiting_held_shipments": Gauge("Waiting shipments on hold."),
    "waiting_value": Gauge("Value of waiting shipments.", ("currency",)),
    "oldest_waiting_seconds": Gauge("Age of the oldest shipment that waits."),
    "figures_age_seconds": Gauge("Age of the figures of the backlog and of the exceptions."),
    "exceptions": Gauge("What a person must look at.", ("kind",)),
    "emails": Gauge("Customer e-mails.", ("state",)),
    "released_today": Gauge("Shipments released today."),
    "last_run": Gauge("The last release run: 1 at its state.", ("state",)),
    "last_run_seconds": Gauge("How long the last release run took."),
    "last_run_age_seconds": Gauge("How long ago the last release run ended."),
    "jobs": Gauge("Background jobs to do.", ("state",)),
    "faulty_schedules": Gauge(
        "Scheduled work that is on and cannot run, and jobs without a schedule."
    ),
    "broker_up": Gauge("Whether the broker takes on work."),
    "workers": Gauge("Workers seen within a minute."),
    "mail_workers": Gauge("Workers of e-mails seen within a minute."),
    "queued_tasks": Gauge("Tasks not begun."),
    "beat_age_seconds": Gauge("Time since a beat of the scheduler reached a worker."),
}
