"""The actions on selected shipments: the permission, the form, the preview of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.access_limits import current, seen
from core.acts import Act
from core.admin.bulk.actions import BulkForm, ListAction, offer
from core.admin.bulk.selection import RowSelection, selection_from
from core.admin.theme import CHECKBOX_CLASS, INPUT_CLASS, SELECT_CLASS
from core.clock import this_moment
from core.formats import day
from core.operations.bulk.apply import BulkRequest, check_shown
from core.operations.bulk.preview import register
from core.operations.bulk.row_plans import BulkRow, RowPlan
from core.text import Sentence
from fulfillment.admin.fields import NOBODY, ExpectedDayField, PriorityField, person_field
from fulfillment.admin.reasons import sentences
from fulfillment.admin.review import outcomes
from fulfillment.admin.review.address import NOT_FILTERS
from fulfillment.admin.shipment.actions import OFFERS, label_of
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.operations.moves.assignees import UnknownPersonError, person_named
from fulfillment.release.explanation import explain
from fulfillment.release.runs.engine import request_run
from fulfillment.release.runs.scope import RunScope
from fulfillment.release.shipment_actions import BY_BULK, BY_CODE
from fulfillment.review.bulk import read_shipments, row_of
from fulfillment.review.bulk_change import BulkAction, row_values
from fulfillment.review.effect_words import Code
from fulfillment.review.filters import shipments_matching
from inventory.admin.typed_choice import SOURCE, RowChoice
from inventory.models import Source
from orders.admin.wording import CancelCauseField
from orders.notices.placeholders import CAUSES

WAITING = ReleaseDecision.Outcome.WAITING.value


def plan_release(shipment_ids: Sequence[int], zone: ZoneInfo, act: Act) -> list[BulkRow]:
    """Return what a release would give each shipment now, or why it waits."""
    shipments = read_shipments(shipment_ids)
    found = explain(list(shipments), now=act.at, zone=zone)
    rows = []
    for key in shipment_ids:
        if (shipment := shipments.get(key)) is None:
            continue
        explained = found.get(key)
        is_released = explained is not None and explained.outcome != WAITING
        text = " · ".join(map(str, sentences(explained.detail))) if explained else ""
        said = Sentence("%(text)s", {"text": text})
        rows.append(row_of(shipment, said, is_change=is_released))
    return rows


def read_zone(values: Mapping[str, Any]) -> ZoneInfo:
    return ZoneInfo(values["zone"])


register(
    {
        "RELEASE": RowPlan(
            plan=plan_release, read=read_zone, shown=lambda keys: row_values("RELEASE", keys)
        )
    }
)


def start_release(request: HttpRequest, bulk: BulkRequest, now: datetime) -> HttpResponse:
    """Start a run over what was shown; its page shows how far it is, and what each gets."""
    check_shown(bulk, Act(now, request.user.pk))
    return start_run(request, selection_from(request.GET), now, reason=(bulk.more or {})["reason"])


def start_run(
    request: HttpRequest,
    selection: RowSelection,
    now: datetime,
    *,
    is_dry_run: bool = False,
    reason: str = "",
) -> HttpResponse:
    """Have a worker release what was selected, or say what that would do; the run keeps why."""
    run = request_run(
        trigger=ReleaseRun.Trigger.STAFF,
        act=Act(now, request.user.pk, reason),
        is_dry_run=is_dry_run,
        scope=_scope(selection),
    )
    return redirect("admin:fulfillment_releaserun_change", run.pk)


def _scope(selection: RowSelection) -> RunScope:
    filters = selection.filters(*NOT_FILTERS).urlencode()
    if selection.takes_all and current() is None:
        return RunScope(filter=filters)
    if selection.takes_all:
        # A run reads its filter again, without anybody's limits: it is given the shipments.
        moment = this_moment()
        queued = seen(Shipment.objects.in_queue())
        found = shipments_matching(filters, shipments=queued, today=moment.today, zone=moment.zone)
    else:
        found = seen(Shipment.objects.filter(pk__in=selection.ids))
    shipments = found.order_by("pk")
    return RunScope(shipments=tuple(shipments.values_list("number", flat=True)))


RELEASE, DRY_RUN = "RELEASE", "DRY_RUN"


class BulkReasonForm(forms.Form):
    """Why it is done: the timeline says it wherever a person changes a shipment."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("Kept in the timeline of each shipment."),
        widget=forms.Textarea(attrs={"class": INPUT_CLASS, "rows": 2}),
    )


class ReleaseForm(BulkReasonForm):
    """Why what was selected is released now."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Kept with the release run.")


class FinalForm(BulkReasonForm):
    """Why, and that it is meant: it cannot be undone."""

    is_sure = forms.BooleanField(
        label=_("I understand that this cannot be undone."),
        error_messages={"required": _("Select the box to confirm. This cannot be undone.")},
        widget=forms.CheckboxInput({"class": CHECKBOX_CLASS}),
    )


class MoveForm(BulkForm):
    """A move that asks for nothing but a reason."""

    def values(self) -> dict[str, Any]:
        return {"zone": settings.SITE_TIME_ZONE}


class BulkAssignForm(MoveForm):
    """The person who looks after the shipments."""

    columns = {"username": "assignee__username"}

    username = forms.CharField()

    def add_fields(self) -> None:
        self.fields["username"] = person_field(nobody=NOBODY)

    def clean_username(self) -> str:
        """Return the user name; "" for nobody."""
        username: str = self.cleaned_data["username"].removeprefix(NOBODY)
        if username:
            try:
                person_named(username)
            except UnknownPersonError as error:
                raise forms.ValidationError(Code.UNKNOWN_PERSON.label) from error
        return username

    def values(self) -> dict[str, Any]:
        return {**super().values(), "username": self.cleaned_data["username"]}

    def summary(self) -> str:
        if not self.cleaned_data["username"]:
            return gettext("Assign to nobody")
        return gettext("Assign to %(person)s") % {"person": self.cleaned_data["username"]}


class BulkPriorityForm(MoveForm):
    columns = {"priority": "priority"}

    priority = PriorityField()

    def values(self) -> dict[str, Any]:
        return {**super().values(), "priority": self.cleaned_data["priority"]}

    def summary(self) -> str:
        return gettext("Set priority to %(priority)s") % self.cleaned_data


class BulkReassignForm(MoveForm):
    columns = {"source": "source__code"}

    source = RowChoice(
        Source.objects.filter(is_enabled=True).order_by("code"),
        lookup=SOURCE,
        to_field_name="code",
        label=_("Source"),
        help_text=_(
            "A shipment moves only if this source has all its units. Each one is "
            "previewed by itself, so an earlier one may use the units first."
        ),
        widget=forms.Select(attrs={"class": SELECT_CLASS}),
    )

    def values(self) -> dict[str, Any]:
        return {**super().values(), "source": self.cleaned_data["source"].code}

    def summary(self) -> str:
        return gettext("Reassign to %(source)s") % {"source": self.cleaned_data["source"].code}


class BulkExpectedDateForm(MoveForm):
    columns = {"expected_on": "expected_on"}

    expected_on = ExpectedDayField(
        help_text=_("Leave it empty to let release runs set the date again.")
    )

    def values(self) -> dict[str, Any]:
        expected_on = self.cleaned_data["expected_on"]
        return {**super().values(), "expected_on": expected_on and expected_on.isoformat()}

    def summary(self) -> str:
        expected_on = self.cleaned_data["expected_on"]
        if expected_on is None:
            return gettext("Let release runs set the expected date")
        return gettext("Expect on %(date)s") % {"date": day(expected_on)}


class BulkCancelForm(MoveForm):
    """Why the units are canceled, in the words that the customers read."""

    cause = CancelCauseField(widget=forms.Select(attrs={"class": SELECT_CLASS}))

    def values(self) -> dict[str, Any]:
        return {**super().values(), "cause": self.cleaned_data["cause"].value}

    def summary(self) -> str:
        cause = self.cleaned_data["cause"]
        if not cause:
            return ""
        values = {"cause": gettext(CAUSES[cause])}
        return gettext("Cancel shipments. Customers read: “%(cause)s”") % values


def _move(
    bulk: BulkAction,
    form: type[BulkForm] = MoveForm,
    *,
    label: Promise | None = None,
    has_reason: bool = True,
) -> ListAction:
    action = BY_BULK[bulk]
    confirmation = FinalForm if action.is_final else BulkReasonForm
    return ListAction(
        slug=bulk.lower().replace("_", "-"),
        code=bulk.value,
        label=label or label_of(bulk),
        form=form,
        permission=action.permission,
        words=outcomes,
        columns=(_("Shipment"),),
        details=(_("Customer"), _("State")),
        confirmation=confirmation if has_reason else forms.Form,
        outcome=outcomes.outcome_of,
        is_final=action.is_final,
    )


RELEASE_NOW = ListAction(
    slug="release",
    code=RELEASE,
    label=OFFERS["release"].label,
    form=MoveForm,
    permission=BY_CODE["release"].permission,
    words=outcomes,
    columns=(_("Shipment"),),
    details=(_("Customer"), _("State")),
    confirmation=ReleaseForm,
    start=start_release,
    template="fulfillment/review/release.html",
)
ASSIGN = _move(
    BulkAction.ASSIGN_PERSON, BulkAssignForm, label=_("Assign to a person"), has_reason=False
)
MOVES = (
    _move(BulkAction.HOLD),
    _move(BulkAction.LIFT_HOLD),
    ASSIGN,
    _move(BulkAction.SET_PRIORITY, BulkPriorityForm),
    _move(BulkAction.REASSIGN, BulkReassignForm),
    _move(BulkAction.SET_EXPECTED_DATE, BulkExpectedDateForm),
    _move(BulkAction.CUSTOMER_CARE),
    _move(BulkAction.CANCEL, BulkCancelForm, label=_("Cancel shipments")),
)
ON_SHIPMENTS = (RELEASE_NOW, *MOVES)
# On the list of all shipments: who looks after one is of every state, and what is packed, set aside
# or shipped waits no more.
SET_ASIDE = _move(BulkAction.SET_ASIDE, has_reason=False)
SHIP = _move(BulkAction.FULFILL, label=_("Ship"), has_reason=False)
PACK = _move(BulkAction.PACK, has_reason=False)
UNPACK = _move(BulkAction.UNPACK, has_reason=False)
PREPARATIONS = (PACK, UNPACK, SET_ASIDE, SHIP)
ON_EVERY_SHIPMENT = (ASSIGN, *PREPARATIONS)
offer(*MOVES, *PREPARATIONS)
