"""E-mails that were still to be sent when a backup was made."""

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext

from core.models.queued_email import QueuedEmail


def doubt_unsent() -> int:
    """Say of every e-mail that is to be sent that its outcome is unknown; return how many.

    For a database that is of a former time: what was queued then may have been sent since, and a
    person decides. Opens the transaction; no sender may be at work.
    """
    kept = {
        "state": QueuedEmail.State.UNKNOWN,
        "last_error": gettext("Restored: it may have been sent."),
    }
    models = [model for model in apps.get_models() if issubclass(model, QueuedEmail)]
    with transaction.atomic():
        return sum(
            model._default_manager.filter(
                state__in=(QueuedEmail.State.QUEUED, QueuedEmail.State.SENDING)
            ).update(**kept)
            for model in models
        )
