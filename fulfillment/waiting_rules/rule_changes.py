"""Writes rules as programs give them."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from fulfillment.models import WaitingRule

NOT_TO_CANCEL = _(
    "Your roles do not allow you to cancel orders, so you may only turn off a rule that does."
)


def save_rule(rule_id: int | None, columns: Mapping[str, Any], *, may_cancel: bool) -> WaitingRule:
    """Give a rule these values, by column, or make one; opens the transaction.

    :raises django.core.exceptions.PermissionDenied: if it cancels, and who saves it may not.
    :raises django.core.exceptions.ValidationError: by field, where the rule cannot be so; nothing
        is written.
    :raises fulfillment.models.WaitingRule.DoesNotExist: if it was deleted.
    """
    with transaction.atomic():
        rules = WaitingRule.objects.select_for_update()
        rule = WaitingRule() if rule_id is None else rules.get(pk=rule_id)
        changed = {name for name, value in columns.items() if getattr(rule, name) != value}
        for name, value in columns.items():
            setattr(rule, name, value)
        needs_right = needs_right_to_cancel(
            rule.action, is_enabled=rule.is_enabled, changed=changed
        )
        if needs_right and not may_cancel:
            raise PermissionDenied(str(NOT_TO_CANCEL))
        rule.full_clean()
        rule.save()
    return rule


def needs_right_to_cancel(action: str, *, is_enabled: bool, changed: Collection[str]) -> bool:
    """Whether who saves a rule must be allowed to cancel orders: it cancels in their place.

    ``action`` and ``is_enabled`` are what the rule will have, ``changed`` the columns that change.
    To turn a rule off needs nothing.

    Rule: to cancel is a permission of its own (domain.md §19).
    """
    is_only_turned_off = not is_enabled and set(changed) <= {"is_enabled"}
    return action == WaitingRule.Action.CANCEL and not is_only_turned_off


def delete_rule(rule_id: int) -> None:
    """Delete a rule; what it did stays recorded."""
    WaitingRule.objects.filter(pk=rule_id).delete()
