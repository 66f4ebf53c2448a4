"""Delay requests: what customers are asked about late units, what they answered."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access_limits import LimitedManager
from core.models.columns import person_column
from fulfillment.models.shipment import Shipment
from orders.models import Order, OrderEmail


class DelayRequest(models.Model):
    """One question about the late units of a shipment.

    Its units are those of the shipment lines that point to it and that did not leave: children of
    a split carry it on, and what ships or is canceled leaves it. ``email`` is the last e-mail that
    asked. ``money_back_by`` is set once the deadline passed and a person decides.

    Rule: Delays, §18a.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("delay request", "Open")
        AGREED = "AGREED", _("Customer agreed")
        AGREED_BY_SILENCE = "AGREED_BY_SILENCE", _("Agreed by silence")
        CANCELED = "CANCELED", pgettext_lazy("delay request", "Customer canceled")
        CANCELED_BY_SILENCE = "CANCELED_BY_SILENCE", _("Canceled by silence")
        SHIPPED = "SHIPPED", pgettext_lazy("delay request", "Shipped in time")
        LAPSED = "LAPSED", pgettext_lazy("delay request", "No longer needed")

    class Silence(models.TextChoices):
        AGREES = "AGREES", _("Agrees to the delay")
        CANCELS = "CANCELS", _("Cancels the units")

    class Answer(models.TextChoices):
        WAIT_UNTIL = "WAIT_UNTIL", _("Wait until the new date")
        WAIT = "WAIT", _("Wait as long as it takes")
        CANCEL = "CANCEL", pgettext_lazy("delay request", "Cancel these units")

    # What was agreed to may still be canceled.
    UNDECIDED = (State.OPEN, State.AGREED, State.AGREED_BY_SILENCE)

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="delay_requests", verbose_name=_("order")
    )
    shipment = models.ForeignKey(
        Shipment, models.PROTECT, related_name="+", verbose_name=_("shipment")
    )
    ordinal = models.PositiveSmallIntegerField(
        _("request number"), help_text=_("Counts the requests about these units, from 1.")
    )
    agreed_on = models.DateField(_("agreed date"))
    new_on = models.DateField(
        _("new date"), null=True, blank=True, help_text=_("Empty means no date yet.")
    )
    silence = models.CharField(_("no answer"), max_length=8, choices=Silence)
    answer_by = models.DateField(_("answer by"))
    is_asked_too_late = models.BooleanField(_("asked too late"), default=False)
    is_canceled_by_silence = models.BooleanField(
        _("canceled by silence"),
        default=False,
        db_default=False,
        help_text=_("What the e-mail says: units are canceled by silence, or staff decide."),
    )
    state = models.CharField(_("state"), max_length=24, choices=State, default=State.OPEN)
    answer = models.CharField(_("answer"), max_length=16, choices=Answer, blank=True)
    email = models.ForeignKey(
        OrderEmail,
        models.SET_NULL,
        null=True,
        related_name="delay_requests",
        verbose_name=_("last e-mail"),
    )
    money_back_by = models.DateField(
        _("money back by"),
        null=True,
        blank=True,
        help_text=_("Without the customer's consent, the money must be back by this day."),
    )
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = LimitedManager["DelayRequest"]()

    class Meta:
        verbose_name = _("delay request")
        verbose_name_plural = _("delay requests")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="delay_request_open_or_closed",
                condition=Q(state="OPEN", closed_at=None)
                | (~Q(state="OPEN") & Q(closed_at__isnull=False)),
                violation_error_message=_("A closed delay request knows since when."),
            ),
            models.CheckConstraint(
                name="delay_request_counts_from_1",
                condition=Q(ordinal__gte=1),
                violation_error_message=_("Requests are counted from 1."),
            ),
            models.CheckConstraint(
                name="delay_request_silence_agrees_once",
                condition=Q(silence="CANCELS")
                | Q(ordinal=1, is_asked_too_late=False, new_on__isnull=False),
                violation_error_message=_("Silence agrees to a first, dated delay alone."),
            ),
        ]
        indexes = [
            # Read by the job that acts on silence, and by the lists of open requests.
            models.Index(
                name="delay_request_open", fields=["answer_by", "id"], condition=Q(state="OPEN")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment} #{self.ordinal}"


class DelayDecision(models.Model):
    """What was decided about a delay request, by whom, and the text that it answers.

    ``agreed_on`` is the date that was agreed to. ``note`` says how staff were informed.
    """

    class By(models.TextChoices):
        CUSTOMER = "CUSTOMER", pgettext_lazy("delay request", "Customer")
        STAFF = "STAFF", pgettext_lazy("delay request", "Staff")
        SILENCE = "SILENCE", _("No answer")

    request = models.ForeignKey(
        DelayRequest, models.PROTECT, related_name="decisions", verbose_name=_("delay request")
    )
    answer = models.CharField(_("answer"), max_length=16, choices=DelayRequest.Answer)
    by = models.CharField(_("decided by"), max_length=8, choices=By)
    agreed_on = models.DateField(_("agreed date"), null=True, blank=True)
    text = models.TextField(_("text of the e-mail"), blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    actor = person_column(_("actor"), models.PROTECT)
    created_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("answer to a delay request")
        verbose_name_plural = _("answers to delay requests")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.get_answer_display()}"
