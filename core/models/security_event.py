"""An event that matters to security."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

# Set by the function that deletes what is too old, and by nothing else.
DELETES_OLD = "backoffice.deletes_old_security_events"
# The later fields of an event that collects what happens often.
ONLY_COUNTED = f"""
IF NEW IS NULL THEN
    IF current_setting('{DELETES_OLD}', true) = 'on' THEN RETURN OLD; END IF;
ELSIF OLD.collected_as IS NOT NULL
    AND NEW.count = OLD.count + 1 AND NEW.last_at >= OLD.last_at
    AND to_jsonb(NEW) - 'count' - 'last_at' = to_jsonb(OLD) - 'count' - 'last_at'
THEN
    RETURN NEW;
END IF;
RAISE EXCEPTION 'Security events are never changed, and deleted only when they are too old';
"""


def _user_column(label: Any, *, is_indexed: bool = True) -> "models.ForeignKey[Any, Any]":
    """Return a column that names a user also after the user is deleted."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=is_indexed,
        related_name="+",
        verbose_name=label,
    )


class SecurityEvent(models.Model):
    """One event; the rows of one that happens often are counted in one row an hour.

    ``person`` is whose account it is about, ``actor`` who did it, ``address`` from where; ``name``
    is what it was done to: a key, a role, a page. Neither a password nor a secret is ever kept.

    Rule: security events are kept and listed (domain.md §24).
    """

    class Kind(models.TextChoices):
        LOGGED_IN = "LOGGED_IN", _("Logged in")
        LOG_IN_FAILED = "LOG_IN_FAILED", _("Wrong password or refused log-in")
        CODE_FAILED = "CODE_FAILED", _("Wrong second factor")
        LOCKED = "LOCKED", _("Log-in locked")
        UNLOCKED = "UNLOCKED", _("Log-in unlocked")
        LOGGED_OUT = "LOGGED_OUT", _("Logged out")
        SESSION_ENDED = "SESSION_ENDED", _("Session ended")
        PASSWORD_CHANGED = "PASSWORD_CHANGED", _("Password changed")
        PASSWORD_ASKED = "PASSWORD_ASKED", _("Password reset asked for")
        FACTOR_ADDED = "FACTOR_ADDED", _("Second factor added")
        FACTOR_REMOVED = "FACTOR_REMOVED", _("Second factor removed")
        CODES_RENEWED = "CODES_RENEWED", _("Recovery codes made")
        CODE_USED = "CODE_USED", _("Recovery code used")
        COMPANY_LINKED = "COMPANY_LINKED", _("Company log-in linked")
        COMPANY_UNLINKED = "COMPANY_UNLINKED", _("Company log-in unlinked")
        KEY_MADE = "KEY_MADE", _("API key made")
        KEY_CHANGED = "KEY_CHANGED", _("API key changed")
        KEY_REVOKED = "KEY_REVOKED", _("API key revoked")
        KEY_MOVED = "KEY_MOVED", _("API key used from a new address")
        KEY_REFUSED = "KEY_REFUSED", _("Wrong API key")
        USER_ADDED = "USER_ADDED", _("User added")
        USER_CHANGED = "USER_CHANGED", _("User changed")
        USER_DELETED = "USER_DELETED", _("User deleted")
        LIMITS_CHANGED = "LIMITS_CHANGED", _("Limits changed")
        ROLE_ADDED = "ROLE_ADDED", _("Role added")
        ROLE_CHANGED = "ROLE_CHANGED", _("Role changed")
        ROLE_DELETED = "ROLE_DELETED", _("Role deleted")
        SCHEDULE_CHANGED = "SCHEDULE_CHANGED", _("Scheduled work changed")
        REFUSED = "REFUSED", _("Permission refused")
        LOOKED_UP = "LOOKED_UP", _("Personal data looked up")
        EXPORTED = "EXPORTED", _("Personal data exported")
        ERASED = "ERASED", _("Personal data erased")
        EVENTS_DELETED = "EVENTS_DELETED", _("Old security events deleted")

    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("event"), max_length=20, choices=Kind)
    # Its index is one of those below.
    person = _user_column(_("account"), is_indexed=False)
    actor = _user_column(_("done by"))
    address = models.GenericIPAddressField(_("network address"), null=True)
    name = models.CharField(_("about"), max_length=200, blank=True)
    detail = models.JSONField(_("details"), default=dict)
    count = models.PositiveIntegerField(_("times"), default=1)
    last_at = models.DateTimeField(_("last time"))
    # What the rows of one hour have in common; NULL for an event that stands by itself.
    collected_as = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        permissions = [("manage_personaldata", "Can look up, export and erase personal data")]
        indexes = [
            models.Index(name="security_event_at", fields=["at", "id"]),
            models.Index(name="security_event_person", fields=["person", "at"]),
            models.Index(name="security_event_address", fields=["address", "at"]),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="security_events_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=ONLY_COUNTED,
            )
        ]

    def __str__(self) -> str:
        return str(self.Kind(self.kind).label)
