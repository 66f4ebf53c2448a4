"""Rules that stopped themselves, until a person decides."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core.models import Job
from fulfillment.models import RuleRun, RuleStep


def stopped_rules() -> QuerySet[RuleStep]:
    """Return the steps of rules that wait for a confirmation, or did not end as their run failed.

    A question about a rule that was changed, switched off or deleted since is over, as it cannot
    be confirmed; a failure is, once a later run has ended.

    Rule: Rules, one that would act on too many stops and asks (§23).
    """
    later = RuleRun.objects.filter(pk__gt=OuterRef("run"), state=Job.State.COMPLETED)
    asks = Q(state=RuleStep.State.STOPPED, rule__version=F("rule_version"))
    failed = Q(state=RuleStep.State.OPEN, run__state=Job.State.FAILED) & ~Exists(later)
    return RuleStep.objects.filter(asks | failed, rule__is_enabled=True)
