"""What a preview has shown, as it comes back, signed, with the button beneath it."""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from fulfillment.review.change import BulkChange
from fulfillment.review.selection import Extent, Selection

SALT = "fulfillment.review.previewed"
# A preview is not taken for today's tomorrow.
KEPT_SECONDS = 12 * 60 * 60


@dataclass(frozen=True, slots=True)
class Previewed:
    """The shipments that were shown, and what each was to get; ``change`` is ``None`` of a run."""

    user_id: int | None
    action: str
    selection: Selection
    extent: Extent
    change: BulkChange | None = None

    def signed(self) -> str:
        """Return it as text for a form; whoever alters it is found out."""
        values = {
            "user": self.user_id,
            "action": self.action,
            "selection": self.selection.as_json(),
            "extent": [self.extent.count, self.extent.key_sum],
            "change": None if self.change is None else self.change.as_json(),
        }
        return signing.dumps(values, salt=SALT, compress=True)


def read(text: str, *, user_id: int | None, action: str) -> Previewed | None:
    """Return what was signed; ``None`` if it was altered, is old, or another's or of another."""
    try:
        values: dict[str, Any] = signing.loads(text, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    if (values["user"], values["action"]) != (user_id, action):
        return None
    change = values["change"]
    return Previewed(
        user_id=user_id,
        action=action,
        selection=Selection.from_json(values["selection"]),
        extent=Extent(*values["extent"]),
        change=None if change is None else BulkChange.from_json(change),
    )


def difference(previewed: Previewed | None, change: BulkChange | None) -> str:
    """Say why what would be done now is not what was shown; "" if it is the same."""
    if previewed is None:
        return _("Nothing was done yet: look at this first.")
    if previewed.change != change:
        return _("You have asked for something else since. Nothing was done yet: look at it first.")
    if previewed.selection.extent() != previewed.extent:
        return _(
            "Other shipments match than those that were shown. Nothing was done yet: look again."
        )
    return ""
