"""The decisions of a run: narrowed, a page at a time, or all of them as a file."""

from collections.abc import Iterator

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin.theme import INPUT_CLASS, SELECT_CLASS
from fulfillment.admin.reasons import sentences
from fulfillment.models import ReleaseDecision
from fulfillment.review.reasons import REASON_LABELS
from inventory.files.writing import Value, lines


class DecisionFilterSet(filters.FilterSet):
    """Narrows decisions by outcome, by a reason for waiting, and by words of the number."""

    outcome = filters.ChoiceFilter(
        choices=ReleaseDecision.Outcome.choices,
        label=gettext_lazy("Outcome"),
        widget=forms.Select({"class": SELECT_CLASS}),
    )
    reason = filters.ChoiceFilter(
        method="by_reason",
        choices=list(REASON_LABELS.items()),
        label=gettext_lazy("Why it waits"),
        widget=forms.Select({"class": SELECT_CLASS}),
    )
    number = filters.CharFilter(
        field_name="shipment__number",
        lookup_expr="icontains",
        label=gettext_lazy("Shipment number contains"),
        widget=forms.TextInput({"class": INPUT_CLASS}),
    )

    class Meta:
        model = ReleaseDecision
        fields: list[str] = []

    def by_reason(
        self, decisions: QuerySet[ReleaseDecision], name: str, reason: str
    ) -> QuerySet[ReleaseDecision]:
        return decisions.filter(detail__contains={"shortages": [{"reasons": [reason]}]})


def csv_lines(decisions: QuerySet[ReleaseDecision]) -> Iterator[str]:
    """Return the lines of a file with the decisions, a line for each thing that was decided."""
    header = [_("Position"), _("Shipment"), _("Outcome"), _("What and why"), _("Could go on")]
    return lines(header, _rows(decisions))


def _rows(decisions: QuerySet[ReleaseDecision]) -> Iterator[tuple[Value, ...]]:
    for decision in decisions.iterator(chunk_size=2_000):
        for sentence in sentences(decision.detail) or [""]:
            yield (
                decision.position,
                decision.shipment.number,
                decision.get_outcome_display(),
                sentence,
                decision.detail.get("expected_on"),
            )
