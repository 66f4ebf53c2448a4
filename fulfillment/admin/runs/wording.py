"""Runs in words: state, remedy, settings, scope."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.formats import span
from core.periods import CalendarPeriod
from fulfillment.models import ReleaseRun
from inventory.admin.option_fields import in_words
from inventory.options import BY_NAME, OptionKind, StockOption

Message = ReleaseRun.Message
State = ReleaseRun.State
COLORS = {
    State.QUEUED: "info",
    State.RUNNING: "info",
    State.COMPLETED: "good",
    State.FAILED: "bad",
    State.CANCELED: "warning",
    State.SKIPPED: "warning",
}

SELECT_AGAIN = gettext_lazy(
    "Choose the shipments again in the backorder review, and release them from there."
)
REMEDIES = {
    Message.INVALID_FILTER: SELECT_AGAIN,
    Message.UNKNOWN_FILTER: SELECT_AGAIN,
    Message.WORKER_STOPPED: gettext_lazy(
        "Nothing. It was started again. If runs are interrupted often, read the worker "
        "log. The usual causes are too little memory, or another program that locks rows "
        "for minutes."
    ),
    Message.GIVEN_UP: gettext_lazy(
        "Read the worker log at the time of this run: docker compose logs worker. The "
        "usual causes are too little memory, or another program that locks rows for "
        "minutes. Then start the run again. A smaller part, selected by a filter in the "
        "backorder review, may succeed."
    ),
    Message.ERROR: gettext_lazy(
        "Its saved work stays. Start it again. If it fails again, the worker log has the "
        "error beside the number of this run: docker compose logs worker."
    ),
    Message.DRIFTED: gettext_lazy(
        "Its page lists the shipments that would now have a different outcome. Apply what still "
        "holds, or make another dry run."
    ),
    Message.NOT_APPLIED: gettext_lazy("Apply the dry run again when it should be released."),
}


def duration(run: ReleaseRun) -> str:
    """Return how long a run took; nothing while it has not begun or not ended."""
    if run.started_at is None or run.finished_at is None:
        return ""
    return span(run.finished_at - run.started_at)


def what_to_do(run: ReleaseRun, *, user: User | AnonymousUser) -> str:
    """Return the remedy that ``user`` has for a run that did not complete; "" for none."""
    if run.message_code in REMEDIES:
        return str(REMEDIES[Message(run.message_code)])
    match run.state:
        case State.FAILED:
            return _(
                "Its saved work stays, and the next run does the rest. If it fails "
                "again, look for the number of this run in the worker log."
            )
        case State.SKIPPED if run.settings_in_force.get("release_enabled") is False:
            return switch_on(user)
        case State.SKIPPED:
            return _("Nothing. The run in progress or the next run does the same work.")
        case State.CANCELED:
            return _("Start another run when the rest should be released.")
        case State.COMPLETED if run.failed_count:
            return _("Open its decisions and select Failed. Each shipment shows the reason.")
    return ""


def switch_on(user: User | AnonymousUser) -> str:
    """Return how to switch scheduled runs on again, by the permissions of ``user``."""
    if user.has_perm("inventory.change_inventoryconfiguration"):
        return _("Set Release Backorders to Yes in the configuration.")
    return _("Ask a merchant to set Release Backorders to Yes in the configuration.")


def settings_in_words(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the label and the value, as merchants read them, of each setting in force."""
    return [
        (_(option.label), _value(option, settings[name]))
        for name, option in BY_NAME.items()
        if name in settings
    ]


def scope_in_words(scope: Mapping[str, Any]) -> list[str]:
    """Return the limits of a run; none if it took the whole queue."""
    return list(_limits(scope))


def _limits(scope: Mapping[str, Any]) -> Iterator[str]:
    if scope.get("stock"):
        yield _("Only the stock %(stock)s") % {"stock": scope["stock"]}
    if scope.get("shipments"):
        yield _("Only these shipments: %(names)s") % {"names": ", ".join(scope["shipments"])}
    if scope.get("filter"):
        yield _("Only shipments that match the filter %(filter)s") % {"filter": scope["filter"]}
    if scope.get("policy"):
        policy = in_words(BY_NAME["release_policy"], scope["policy"])
        yield _("With the policy %(policy)s, set for this run only") % {"policy": policy}
    if scope.get("mode"):
        mode = in_words(BY_NAME["release_mode"], scope["mode"])
        yield _("Available units only, in the mode %(mode)s, set for this run only") % {
            "mode": mode
        }
    if scope.get("ahead"):
        yield _("Ahead of the queue")
    if scope.get("as_shown"):
        yield _("Dry run #%(run)s applied as shown") % {"run": scope["as_shown"]}
    if products := scope.get("products"):
        count = len(products)
        sentence = ngettext(
            "Only shipments of %(count)s product that arrived",
            "Only shipments of %(count)s products that arrived",
            count,
        )
        yield sentence % {"count": count}


def _value(option: StockOption, value: Any) -> str:
    if option.kind is OptionKind.PERIOD and value is not None:
        return in_words(option, CalendarPeriod.parse(value))
    return in_words(option, value)
