"""The e-mail of a rule to staff: one for each run, for each address."""

import re
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import ngettext

from core.formats import money, quantity, span
from fulfillment.models import RuleAct, RuleEmail, ShipmentLine
from fulfillment.rule_terms import RuleActionKind
from fulfillment.waiting_rules.rule_actions import RuleWork

TEMPLATE = "fulfillment/emails/rule.txt"
SHOWN = 200
SUBJECT_LENGTH = 200
BLANK_LINES = re.compile(r"\n{3,}")


def queue_digest(work: RuleWork) -> None:
    """Queue the e-mails of a step whose rule e-mails staff, in the site's language.

    Runs in the caller's transaction; a second call changes nothing. They name shipments, products
    and amounts, and no person. Without a shipment nothing is written.

    Rule: Rules, one digest per rule and run (§23).
    """
    if work.rule.kind is not RuleActionKind.EMAIL:
        return
    acts = RuleAct.objects.filter(step=work.step)
    count = acts.count()
    if not count:
        return
    with translation.override(settings.LANGUAGE_CODE):
        found = acts.select_related("shipment__order").order_by("shipment__backordered_since", "pk")
        rows = _rows(list(found[:SHOWN]), work)
        facts = {"rule": work.rule.name, "count": count, "rows": rows, "more": count - len(rows)}
        subject = ngettext("%(rule)s: %(count)d shipment", "%(rule)s: %(count)d shipments", count)
        body = BLANK_LINES.sub("\n\n", render_to_string(TEMPLATE, facts).strip()) + "\n"
        RuleEmail.objects.bulk_create(
            (
                RuleEmail(
                    step=work.step,
                    recipient=address,
                    subject=(subject % {"rule": work.rule.name, "count": count})[:SUBJECT_LENGTH],
                    body=body,
                    next_attempt_at=work.moment.now,
                )
                for address in work.rule.addresses
            ),
            ignore_conflicts=True,
        )


def _rows(acts: Collection[RuleAct], work: RuleWork) -> list[dict[str, Any]]:
    units: defaultdict[int, list[str]] = defaultdict(list)
    lines = ShipmentLine.objects.filter(
        shipment__in=[act.shipment_id for act in acts], quantity__gt=0
    )
    for line in lines.select_related("order_line").order_by("order_line__number", "pk"):
        units[line.shipment_id].append(f"{quantity(line.quantity)} × {line.order_line.sku}")
    return [
        {
            "number": act.shipment.number,
            "order": act.shipment.order.number,
            "age": span(work.moment.now - (act.shipment.backordered_since or work.moment.now)),
            "value": money(act.shipment.amount, act.shipment.order.currency),
            "units": ", ".join(units[act.shipment_id]),
        }
        for act in acts
    ]
