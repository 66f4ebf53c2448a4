"""Notes that staff write about something; each app has its own table of them."""

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.models.columns import person_column

LONGEST_NOTE = 2000


class Note(models.Model):
    """What a person wrote, and when. It is never changed, and never shown to customers.

    A form carries the ``token``, so that a note that is sent twice is kept once.
    """

    text = models.TextField(_("note"), max_length=LONGEST_NOTE)
    author = person_column(_("author"), models.PROTECT)
    created_at = models.DateTimeField(_("time"))
    token = models.UUIDField(default=uuid4, unique=True, editable=False)

    objects = LimitedManager[Any]()

    class Meta:
        abstract = True
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="%(class)s_says_something",
                condition=~Q(text=""),
                violation_error_message=_("A note has a text."),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]
