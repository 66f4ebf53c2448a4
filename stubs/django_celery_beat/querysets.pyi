from django.db.models import QuerySet
from django_celery_beat.models import PeriodicTask

class PeriodicTaskQuerySet(QuerySet[PeriodicTask]):
    def enabled(self) -> PeriodicTaskQuerySet: ...
