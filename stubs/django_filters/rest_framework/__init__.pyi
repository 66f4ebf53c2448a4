from django_filters.filters import (
    BooleanFilter as BooleanFilter,
)
from django_filters.filters import (
    CharFilter as CharFilter,
)
from django_filters.filters import (
    ChoiceFilter as ChoiceFilter,
)
from django_filters.filters import (
    DateFilter as DateFilter,
)
from django_filters.filters import (
    MultipleChoiceFilter as MultipleChoiceFilter,
)
from django_filters.filters import (
    NumberFilter as NumberFilter,
)
from django_filters.filters import (
    TypedChoiceFilter as TypedChoiceFilter,
)
from django_filters.rest_framework.backends import DjangoFilterBackend as DjangoFilterBackend
from django_filters.rest_framework.filterset import FilterSet as FilterSet
