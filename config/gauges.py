"""The one table of what Prometheus reads: the labels of each figure, what it means."""

from dataclasses import dataclass

PREFIX = "backoffice_"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A gauge, or a counter; with labels, it has a value for each combination."""

    meaning: str
    labels: tuple[str, ...] = ()
    # Whether it only grows, until the broker loses its data.
    is_counter: bool = False


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
    "run_heartbeat_age_seconds": Gauge(
        "Time since the release run that is going on showed a sign of life."
    ),
    "oldest_queued_email_seconds": Gauge(
        "How long the first e-mail of those that are due has waited."
    ),
    "database_connections": Gauge("Connections to the database.", ("state",)),
    "database_connections_limit": Gauge("Connections that the database takes."),
    "requests_total": Gauge("Requests answered.", ("room", "status"), is_counter=True),
    "request_seconds_total": Gauge("Time that requests took.", ("room",), is_counter=True),
    "tasks_total": Gauge("Tasks of workers that ended.", ("task", "outcome"), is_counter=True),
    "task_seconds_total": Gauge("Time that tasks took.", ("task",), is_counter=True),
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
