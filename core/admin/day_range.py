"""A filter by days: from one to another, both included, in the site's time zone."""

from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import DateTimeField, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from unfold.contrib.filters.admin import RangeDateFilter as ThemeRangeDateFilter


class RangeDateFilter(ThemeRangeDateFilter):
    """Of a time, the whole of both days counts; what is no day narrows nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        name = self.parameter_name
        first, last = (self._day(f"{name}_from"), self._day(f"{name}_to"))
        if first is not None:
            queryset = queryset.filter(**{f"{name}__gte": self._bound(first, time.min)})
        if last is not None:
            queryset = queryset.filter(**{f"{name}__lte": self._bound(last, time.max)})
        return queryset

    def _day(self, name: str) -> date | None:
        try:
            return parse_date(str(self.used_parameters.get(name, "")))
        except ValueError:
            return None

    def _bound(self, day: date, at: time) -> date | datetime:
        if not isinstance(self.field, DateTimeField):
            return day
        try:
            return timezone.make_aware(datetime.combine(day, at))
        except OverflowError:
            # The first and the last day of all have no such time elsewhere.
            return datetime.combine(day, at, tzinfo=UTC)
