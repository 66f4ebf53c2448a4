"""The texts of the example rules: rows, which are in the language of the site on every page."""

from django.conf import settings
from django.utils import translation

from fulfillment.waiting_rules.rule_examples import example_columns

with translation.override(settings.LANGUAGE_CODE):
    EXAMPLE_TEXTS = [
        columns[name]
        for columns in example_columns()
        for name in ("name", "description", "reason")
        if columns[name]
    ]


def without_examples(text: str) -> str:
    """Return a text without those of the example rules."""
    for example in EXAMPLE_TEXTS:
        text = text.replace(example, "")
    return text
