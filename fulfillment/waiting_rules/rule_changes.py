"""Writes rules as programs give them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from fulfillment.models import WaitingRule


def save_rule(rule_id: int | None, columns: Mapping[str, Any]) -> WaitingRule:
    """Give a rule these values, by column, or make one; opens the transaction.

    :raises django.core.exceptions.ValidationError: by field, where the rule cannot be so; nothing
        is written.
    :raises fulfillment.models.WaitingRule.DoesNotExist: if it was deleted.
    """
    with transaction.atomic():
        rules = WaitingRule.objects.select_for_update()
        rule = WaitingRule() if rule_id is None else rules.get(pk=rule_id)
        for name, value in columns.items():
            setattr(rule, name, value)
        rule.full_clean()
        rule.save()
    return rule


def delete_rule(rule_id: int) -> None:
    """Delete a rule; what it did stays recorded."""
    WaitingRule.objects.filter(pk=rule_id).delete()
