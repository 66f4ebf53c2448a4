"""Rules that act on shipments that wait, so that nobody has to remember."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, validate_email
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access_limits import LimitedManager
from core.models.columns import MoneyColumn
from core.models.history import keep_history
from core.models.row_version import VersionedModel
from core.quantities import ZERO
from fulfillment.models.shipment import Shipment
from fulfillment.rule_terms import LATER, OPTIONAL, VALUES, RuleActionKind
from inventory.models import Product, SalesChannel, Source, Stock
from orders.models import FulfillmentMethod
from orders.notices.email_queue import STAFF_CAUSES
from orders.notices.placeholders import CAUSES as IN_WORDS

MOST_DAYS = 3_650
MOST_RECIPIENTS = 20
DAYS = [MinValueValidator(0), MaxValueValidator(MOST_DAYS)]
CONDITIONS = (
    "age_days_min",
    "overdue_days_min",
    "missed_promises_min",
    "value_min",
    "state",
    "channel",
    "stock",
    "source",
    "product",
    "method",
    "has_unanswered_request",
    "expires_within_days",
)
# Empty texts are no condition; an empty column of another type is null.
TEXTS = ("state", "method", "reason", "recipients", "cause")
MOST_DESCRIBED = 500


def _given(name: str) -> Q:
    """Match rows that have a value in a column."""
    if name == "has_unanswered_request":
        return Q(has_unanswered_request=True)
    return ~Q(**{name: ""}) if name in TEXTS else Q(**{f"{name}__isnull": False})


def _has_any_condition() -> Q:
    found = Q()
    for name in CONDITIONS:
        found |= _given(name)
    return found


def _has_its_values() -> Q:
    found = Q()
    every = {name for names in VALUES.values() for name in names}
    for kind, names in VALUES.items():
        one = Q(action=kind.value)
        for name in sorted(every):
            if name not in names:
                one &= ~_given(name)
            elif name in LATER:
                one &= _given(name) | Q(is_enabled=False)
            elif name not in OPTIONAL:
                one &= _given(name)
        found |= one
    return found


class WaitingRule(VersionedModel):
    """Conditions that must all hold of a shipment that waits, and the one action they lead to.

    Rules act in the order of ``position``. One acts once in a waiting spell of a shipment, or
    again after ``repeat_days``. While it is off, a rule may lack the person or the addresses of its
    action.

    Rule: Rules and demand (§23).
    """

    class Action(models.TextChoices):
        RAISE_PRIORITY = "RAISE_PRIORITY", _("Raise the priority")
        SET_PRIORITY = "SET_PRIORITY", _("Set the priority")
        CUSTOMER_CARE = "CUSTOMER_CARE", _("Send to customer care")
        ASSIGN = "ASSIGN", _("Assign to a person")
        HOLD = "HOLD", pgettext_lazy("rule", "Hold")
        TELL_CUSTOMER = "TELL_CUSTOMER", _("E-mail the customer again")
        EMAIL = "EMAIL", _("E-mail staff")
        CANCEL = "CANCEL", _("Cancel and refund")

    CAUSES = [(cause.value, _(IN_WORDS[cause.value])) for cause in STAFF_CAUSES]
    STATES = [(state.value, state.label) for state in Shipment.WAITING_STATES]

    name = models.CharField(_("name"), max_length=100, unique=True)
    description = models.TextField(
        _("description"), blank=True, db_default="", max_length=MOST_DESCRIBED
    )
    position = models.PositiveIntegerField(
        _("position"), default=100, help_text=_("Rules with a lower position act first.")
    )
    is_enabled = models.BooleanField(_("enabled"), default=False)
    age_days_min = models.PositiveIntegerField(
        _("age in days, at least"), null=True, blank=True, validators=DAYS
    )
    overdue_days_min = models.PositiveIntegerField(
        _("days after the agreed date, at least"), null=True, blank=True, validators=DAYS
    )
    missed_promises_min = models.PositiveIntegerField(
        _("missed promises, at least"), null=True, blank=True, validators=DAYS
    )
    value_min = MoneyColumn(
        _("value, at least"), null=True, blank=True, validators=[MinValueValidator(ZERO)]
    )
    state = models.CharField(_("state"), max_length=16, choices=STATES, blank=True)
    channel = models.ForeignKey(
        SalesChannel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sales channel"),
    )
    stock = models.ForeignKey(
        Stock, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("stock")
    )
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    method = models.CharField(
        _("fulfillment method"), max_length=16, choices=FulfillmentMethod, blank=True
    )
    has_unanswered_request = models.BooleanField(
        _("customer was asked about a delay and did not answer"), default=False, db_default=False
    )
    expires_within_days = models.PositiveIntegerField(
        _("authorization expires within days"), null=True, blank=True, validators=DAYS
    )
    action = models.CharField(_("action"), max_length=16, choices=Action)
    raise_by = models.PositiveIntegerField(
        _("raise the priority by"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000)],
    )
    raise_up_to = models.IntegerField(
        _("raise up to"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-1_000_000), MaxValueValidator(1_000_000)],
    )
    priority = models.IntegerField(
        _("priority"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-1_000_000), MaxValueValidator(1_000_000)],
    )
    reason = models.CharField(_("customer care reason"), max_length=500, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assign to"),
    )
    recipients = models.TextField(
        _("e-mail addresses of staff"),
        blank=True,
        max_length=2_000,
        help_text=_("One or several, separated by commas."),
    )
    cause = models.CharField(
        _("reason that the customer reads"),
        max_length=32,
        choices=CAUSES,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Empty: late, where a condition is about days after the agreed date or an unanswered "
            "question; else not available."
        ),
    )
    repeat_days = models.PositiveIntegerField(
        _("act again after days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text=_(
            "Empty: the rule acts once on a shipment, until the shipment is ready and waits again."
        ),
    )

    objects = LimitedManager["WaitingRule"]()

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="waiting_rule_has_a_condition",
                condition=_has_any_condition(),
                violation_error_message=_("A rule needs at least one condition."),
            ),
            models.CheckConstraint(
                name="waiting_rule_action_has_its_values",
                condition=_has_its_values(),
                violation_error_message=_("An action has its own values, and no others."),
            ),
            models.CheckConstraint(
                name="waiting_rule_cause_is_one_of_staff",
                condition=Q(cause__in=["", *(cause.value for cause in STAFF_CAUSES)]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> RuleActionKind:
        """Return the action as the pure terms know it."""
        return RuleActionKind(self.action)

    @property
    def addresses(self) -> list[str]:
        """Return the addresses of staff, each once, in the order given."""
        texts = self.recipients.replace("\n", ",").replace(";", ",").split(",")
        return list(dict.fromkeys(text.strip() for text in texts if text.strip()))

    @property
    def is_about_delays(self) -> bool:
        """Whether the conditions say that units are late, and that nobody agreed to it."""
        return self.overdue_days_min is not None or self.has_unanswered_request

    @property
    def spell_key(self) -> str:
        """Return the name under which shipments note that this rule acted."""
        return f"rule-{self.pk}"

    @property
    def lacks_people(self) -> bool:
        """Whether the person or the addresses of the action are still to be given."""
        return any(not self._has(name) for name in VALUES[self.kind] if name in LATER)

    def clean(self) -> None:
        """Refuse values that do not belong to the action, and a rule that is on without its own.

        :raises ValidationError: by field.
        """
        if self.action not in self.Action.values:
            return
        names = VALUES[self.kind]
        faults = {}
        for name in sorted({name for each in VALUES.values() for name in each}):
            is_needed = name not in OPTIONAL and (self.is_enabled or name not in LATER)
            if name in names and not self._has(name) and is_needed:
                faults[name] = ValidationError(
                    _("The action “%(action)s” needs this value."),
                    "missing",
                    {"action": self.get_action_display()},
                )
            if name not in names and self._has(name):
                faults[name] = ValidationError(
                    _("The action “%(action)s” does not use this value. Leave it empty."),
                    "not_used",
                    {"action": self.get_action_display()},
                )
        if "recipients" not in faults and (fault := self._fault_of_addresses()):
            faults["recipients"] = fault
        if faults:
            raise ValidationError(faults)

    def _has(self, name: str) -> bool:
        value = getattr(self, f"{name}_id" if name in FOREIGN else name)
        return value not in (None, "")

    def _fault_of_addresses(self) -> ValidationError | None:
        if len(self.addresses) > MOST_RECIPIENTS:
            return ValidationError(
                _("Write %(most)s addresses at most."), "too_many", {"most": MOST_RECIPIENTS}
            )
        for address in self.addresses:
            try:
                validate_email(address)
            except ValidationError:
                return ValidationError(
                    _("“%(address)s” is not an e-mail address."), "invalid", {"address": address}
                )
        return None


FOREIGN = ("channel", "stock", "source", "product", "assignee")

keep_history(WaitingRule, left_out=["version"], by_row=True)
