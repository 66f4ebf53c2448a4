"""What a preview has shown, as it comes back, signed, with the button beneath it."""

from dataclasses import astuple, dataclass
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fulfillment.admin.review.outcomes import change_in_words
from fulfillment.models import Shipment
from fulfillment.review.change import ShipmentBulkChange
from fulfillment.review.row_values import row_values
from fulfillment.review.selection import Extent, ShipmentSelection
from inventory.operations import preview_snapshots

SALT = "fulfillment.review.previewed"
# A preview is not taken for today's tomorrow.
KEPT_SECONDS = 12 * 60 * 60
# As many shipments that changed are named.
NAMED = 20


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """The shipments that were shown, and what each was to get; ``change`` is ``None`` of a run.

    ``snapshot`` names what it shows of each.
    """

    user_id: int | None
    action: str
    selection: ShipmentSelection
    extent: Extent
    change: ShipmentBulkChange | None = None
    snapshot: str = ""

    def rows(self) -> dict[int, str]:
        """Return what was shown of each shipment, by id; nothing where it is not kept."""
        return preview_snapshots.read(self.snapshot) or {}

    def signed(self) -> str:
        """Return it as text for a form; whoever alters it is found out."""
        values = {
            "user": self.user_id,
            "action": self.action,
            "selection": self.selection.as_json(),
            "extent": list(astuple(self.extent)),
            "snapshot": self.snapshot,
            "change": None if self.change is None else self.change.as_json(),
        }
        return signing.dumps(values, salt=SALT, compress=True)


def read(text: str, *, user_id: int | None, action: str) -> ShownPreview | None:
    """Return what was signed; ``None`` if it was altered, is old, or another's or of another."""
    try:
        values: dict[str, Any] = signing.loads(text, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    if (values["user"], values["action"]) != (user_id, action):
        return None
    change = values["change"]
    return ShownPreview(
        user_id=user_id,
        action=action,
        selection=ShipmentSelection.from_json(values["selection"]),
        extent=Extent(*values["extent"]),
        change=None if change is None else ShipmentBulkChange.from_json(change),
        snapshot=values["snapshot"],
    )


def difference(previewed: ShownPreview | None, change: ShipmentBulkChange | None) -> str:
    """Say why what would be done now is not what was shown; "" if it is the same."""
    if previewed is None:
        return _("Nothing was done yet: look at this first.")
    if previewed.change != change:
        return _("You have asked for something else since. Nothing was done yet: look at it first.")
    if previewed.selection.extent(previewed.action) == previewed.extent:
        return ""
    return _changed(previewed)


def _changed(previewed: ShownPreview) -> str:
    """Say which shipments changed after they were shown, the first of them with both values."""
    shown = previewed.rows()
    now = row_values(previewed.selection.shipments(), previewed.action)
    keys = [key for key in sorted(shown.keys() | now.keys()) if shown.get(key) != now.get(key)]
    if not shown or not keys:
        return _(
            "Some of these shipments were changed after the preview. Nothing was done. Review "
            "them again."
        )
    numbers = Shipment.objects.filter(pk__in=keys).queue_order().values_list("pk", "number")
    names = [
        _("%(row)s (%(change)s)")
        % {
            "row": number,
            "change": change_in_words(previewed.action, shown.get(key), now.get(key)),
        }
        for key, number in numbers[:NAMED]
    ]
    return ngettext(
        "%(count)s shipment was changed after the preview: %(names)s. Nothing was done. Review it "
        "again.",
        "%(count)s shipments were changed after the preview: %(names)s. Nothing was done. Review "
        "them again.",
        len(keys),
    ) % {"count": len(keys), "names": ", ".join([*names, *["…"][: len(keys) > NAMED]])}
