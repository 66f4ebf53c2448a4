"""Rules for waiting shipments: conditions, one action, a preview of each."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.bases import AnyPage, ModelForm
from core.admin.history import HistoryAdmin
from core.admin.pages import AdminPage, answer
from core.admin.theme import SELECT_CLASS, ChoicesDropdownFilter, display
from core.clock import this_moment
from fulfillment.models import RuleRun, WaitingRule
from fulfillment.models.waiting_rule import CONDITIONS
from fulfillment.queries.people import assignable_people
from fulfillment.waiting_rules.preview import preview_rule
from fulfillment.waiting_rules.rule_changes import NOT_TO_CANCEL, needs_right_to_cancel
from fulfillment.waiting_rules.rule_runs import named_rules, request_rule_run
from orders.admin.wording import CancelCauseField
from orders.permissions import CANCEL

RUN = "fulfillment.add_rulerun"
VIEW_SHIPMENTS = "fulfillment.view_shipment"
SHOWN = 50


def preview_page(admin_page: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the shipments that a rule would act on now, whether it is on or off."""
    rule = get_object_or_404(named_rules(), pk=pk)
    preview = preview_rule(rule, this_moment())
    context = {
        "rule": rule,
        "preview": preview,
        "count": len(preview.shipment_ids),
        "shipments": preview.shipments(most=SHOWN),
        "more": max(len(preview.shipment_ids) - SHOWN, 0),
    }
    title = gettext("Preview of the rule “%(rule)s”") % {"rule": rule}
    return answer(admin_page, request, "fulfillment/rules/preview.html", title, context)


def start_run(admin_page: AnyPage, request: HttpRequest) -> HttpResponse:
    """Have a worker run all rules that are on."""
    act = Act(timezone.now(), request.user.pk)
    run = request_rule_run(act, trigger=RuleRun.Trigger.STAFF)
    messages.success(request, gettext("Rule run %(run)s starts soon.") % {"run": run})
    return redirect("admin:fulfillment_rulerun_change", run.pk)


class RuleForm(ModelForm):
    """A rule, as who opens the page may save it."""

    may_cancel = False

    def clean(self) -> dict[str, Any]:
        """Refuse a rule that cancels to who may not."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        needs_right = needs_right_to_cancel(
            values.get("action", ""),
            is_enabled=bool(values.get("is_enabled")),
            changed=self.changed_data,
        )
        if needs_right and not self.may_cancel:
            self.add_error("action", str(NOT_TO_CANCEL))
        return values


@admin.register(WaitingRule)
class WaitingRuleAdmin(HistoryAdmin):
    pages = (
        AdminPage(
            "<int:pk>/preview/",
            preview_page,
            "fulfillment_waitingrule_preview",
            "GET",
            "fulfillment.view_waitingrule",
        ),
        AdminPage("run/", start_run, "fulfillment_waitingrule_run", "POST", RUN),
    )
    form = RuleForm
    list_before_template = "fulfillment/rules/list_links.html"
    change_form_before_template = "orders/decision_link.html"
    list_display = ("name", "does", "position", "is_enabled", "action", "preview_link")
    list_filter = ("is_enabled", ("action", ChoicesDropdownFilter))
    search_fields = ("name", "description")
    autocomplete_fields = ("channel", "stock", "source", "product")
    ordering = ("position", "pk")
    fieldsets = [
        (None, {"fields": ["name", "description", "position", "is_enabled"]}),
        (
            _("Conditions"),
            {
                "description": _("All conditions that are filled in must hold."),
                "fields": list(CONDITIONS),
            },
        ),
        (
            _("Action"),
            {
                "fields": [
                    "action",
                    "raise_by",
                    "raise_up_to",
                    "priority",
                    "reason",
                    "assignee",
                    "recipients",
                    "cause",
                    "repeat_days",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitingRule]:
        rules: QuerySet[WaitingRule] = super().get_queryset(request)
        return rules.select_related("channel", "stock", "source", "product", "assignee")

    def get_form(
        self,
        request: HttpRequest,
        obj: WaitingRule | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        made = super().get_form(request, obj, change=change, **kwargs)
        made.may_cancel = request.user.has_perm(CANCEL)
        return made

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "assignee":
            kwargs["queryset"] = assignable_people()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "cause":
            widget = forms.Select(attrs={"class": SELECT_CLASS})
            return CancelCauseField(help_text=db_field.help_text, widget=widget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description=_("description"))
    def does(self, rule: WaitingRule) -> str:
        return rule.description or "–"

    @display(description=_("shipments"))
    def preview_link(self, rule: WaitingRule) -> SafeString:
        url = reverse("admin:fulfillment_waitingrule_preview", args=[rule.pk])
        link = '<a class="list-link" href="{}">{}</a>'
        return format_html(link, url, gettext("Preview"))

    def row_context(self, request: HttpRequest, row: WaitingRule) -> dict[str, Any]:
        url = reverse("admin:fulfillment_waitingrule_preview", args=[row.pk])
        return {"decision_url": url, "decision_title": _("Preview")}
