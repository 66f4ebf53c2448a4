"""Make the example rules, which are off, in the language of the site."""

from django.conf import settings
from django.db import migrations
from django.utils import translation

from fulfillment.waiting_rules.rule_examples import example_columns


def add_examples(apps, schema_editor):
    rules = apps.get_model("fulfillment", "WaitingRule").objects
    with translation.override(settings.LANGUAGE_CODE):
        examples = list(example_columns())
    taken = set(rules.values_list("name", flat=True))
    made = [rules.create(**columns) for columns in examples if columns["name"] not in taken]
    # The history begins with what the product came with.
    events = apps.get_model("fulfillment", "WaitingRuleEvent").objects
    events.filter(pgh_obj_id__in=[rule.pk for rule in made]).update(pgh_label="start")


def remove_examples(apps, schema_editor):
    """Remove the examples that nobody changed."""
    rules = apps.get_model("fulfillment", "WaitingRule").objects
    with translation.override(settings.LANGUAGE_CODE):
        for columns in example_columns():
            rules.filter(**columns, is_enabled=False).delete()


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0004_usual_carriers")]

    operations = [migrations.RunPython(add_examples, remove_examples)]
