from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.forms.utils import ErrorDict
from django_filters.filters import Filter

class FilterSet:
    base_filters: ClassVar[dict[str, Filter]]
    data: Mapping[str, Any]
    filters: dict[str, Filter]
    form: forms.Form
    request: Any
    errors: ErrorDict
    qs: Any  # A queryset of the class that was given.
    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        queryset: QuerySet[Any] | None = None,
        *,
        request: Any = None,
        prefix: str | None = None,
    ) -> None: ...
    def is_valid(self) -> bool: ...
