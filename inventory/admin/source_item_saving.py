"""Saves the product's Sources area."""

from django.forms import BaseInlineFormSet
from django.http import HttpRequest


def save_source_items(request: HttpRequest, formset: BaseInlineFormSet) -> None:
    formset.save()
