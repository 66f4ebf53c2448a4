"""The reversal of one row's change; PURE."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.operations.bulk.row_plans import Shift
from core.text import Sentence
from core.text import gettext_noop as _

Values = Mapping[str, Any]

CHANGED_SINCE = _("Changed since. It stays as it is now.")
DELETED_SINCE = _("Deleted since. It is not restored.")
MADE_SINCE = _("Assigned again since, with other values.")
CANCELED = _("Canceled supply cannot be opened again. Record it again.")
CLOSED = _("It was received or canceled since.")
BELOW_RECEIVED = _("%(received)s were received since. The quantity cannot be below that.")
# The system's own mark on a status goes with the status.
DERIVED = {"is_status_automatic"}


@dataclass(frozen=True, slots=True)
class Reversal:
    """The values that a row gets, shown as shifts, or why it stays as it is."""

    shifts: tuple[Shift, ...]
    refusal: Sentence | None = None


def restore(before: Values, left: Values, now: Values | None) -> Reversal:
    """Give the columns that were changed their values back, if they are still as they were left.

    Columns that were not changed may have any value now, and keep it.
    """
    columns = [name for name in before if before[name] != left[name] and name not in DERIVED]
    if now is None:
        shifts = tuple(Shift(name, left[name], left[name]) for name in columns)
        return Reversal(shifts, Sentence(DELETED_SINCE))
    changed_since = [name for name in columns if now[name] not in (left[name], before[name])]
    if changed_since:
        since = tuple(Shift(name, left[name], now[name]) for name in changed_since)
        return Reversal(since, Sentence(CHANGED_SINCE))
    return Reversal(tuple(Shift(name, now[name], before[name]) for name in columns))


def recreate(before: Values, now: Values | None, shown: Sequence[str]) -> Reversal:
    """Make a row again that was deleted, unless there is one with other values by now."""
    if now is None:
        values = tuple(Shift(name, None, before[name]) for name in shown)
        return Reversal((Shift("assigned", False, True), *values))
    differing = [name for name in before if before[name] != now[name] and name not in DERIVED]
    if differing:
        since = tuple(Shift(name, before[name], now[name]) for name in differing)
        return Reversal(since, Sentence(MADE_SINCE))
    return Reversal((Shift("assigned", True, True),))


def undo_creation(left: Values, now: Values | None, *, column: str, value: Any) -> Reversal:
    """Give a row that was made the value that ends it, if it is still as it was left."""
    if now is None or now[column] == value:
        return Reversal((Shift(column, value, value),))
    differing = [name for name in left if left[name] != now[name] and name not in DERIVED]
    if differing:
        since = tuple(Shift(name, left[name], now[name]) for name in differing)
        return Reversal(since, Sentence(CHANGED_SINCE))
    return Reversal((Shift(column, now[column], value),))
