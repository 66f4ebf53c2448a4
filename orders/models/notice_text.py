"""Texts of e-mails to customers that staff wrote in place of the built-in ones."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.history import keep_history
from orders.models.email import OrderEmail


class NoticeText(models.Model):
    """The subject and text of one kind of e-mail in one language; without a row, the built-in one.

    Both are templates: placeholders in double braces, and conditions.
    """

    kind = models.CharField(_("kind"), max_length=32, choices=OrderEmail.Kind)
    language = models.CharField(_("language"), max_length=16)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("e-mail text")
        verbose_name_plural = _("e-mail texts")
        ordering = ["kind", "language"]
        constraints = [
            models.UniqueConstraint(
                name="notice_text_once_per_kind_and_language",
                fields=["kind", "language"],
                violation_error_message=_("This e-mail has a text in this language already."),
            ),
            models.CheckConstraint(
                name="notice_text_has_subject_and_text",
                condition=~Q(subject="") & ~Q(text=""),
                violation_error_message=_("An e-mail has a subject and a text."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.language}"


keep_history(NoticeText)
