"""Permissions by the names that people have for them."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pghistory.models import Event, Events

from core.admin.bases import BaseModelAdmin, ModelChoiceIterator, ModelMultipleChoiceField
from core.formats import labelled
from core.name_order import in_name_order

# Their rows have no pages, which a permission could open.
OF_LOG_INS = ("account", "mfa", "socialaccount", "usersessions")
VERBS = {
    "view": _("view"),
    "add": _("add"),
    "change": _("change"),
    "delete": _("delete"),
    "cancel_order": _("cancel units"),
    "refund_order": _("refund units"),
    "manage_personaldata": _("look up, export and erase personal data"),
    "receive_futuresupply": _("receive deliveries"),
    "receive_lowstockdigest": _("receive the daily e-mail"),
    "receive_demanddigest": _("receive the weekly e-mail"),
}


class LabelsInOrder(ModelChoiceIterator):
    """Rows in the order of their labels, which may be in another language than their names."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        return iter(in_name_order(super().__iter__()))


class RoleChoice(ModelMultipleChoiceField):
    """Roles by their names."""

    iterator = LabelsInOrder


class PermissionChoice(ModelMultipleChoiceField):
    """Permissions as people call them: *Products: change*."""

    iterator = LabelsInOrder

    def label_from_instance(self, obj: Permission) -> str:
        model, verb = obj.content_type.model_class(), obj.codename.partition("_")[0]
        named = obj.content_type.model if model is None else str(model._meta.verbose_name_plural)
        words = VERBS.get(obj.codename) or VERBS.get(verb) or gettext(obj.name)
        return labelled(capfirst(gettext(named)), words)


def _histories() -> list[int]:
    """Return the types of the rows that keep history: the database alone writes them."""
    models = [model for model in apps.get_models() if issubclass(model, (Event, Events))]
    types = ContentType.objects.get_for_models(*models, for_concrete_models=False)
    return [found.pk for found in types.values()]


class RoleFilter(RelatedFieldListFilter):
    """Roles in the order of their names, which are the reader's."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        named = super().field_choices(field, request, model_admin)
        return in_name_order((key, str(name)) for key, name in named)


class PermissionNames(BaseModelAdmin):
    """Names the permissions that a page offers."""

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        if db_field.related_model is Group:
            kwargs["form_class"] = RoleChoice
        if db_field.related_model is Permission:
            kwargs["form_class"] = PermissionChoice
            kwargs["queryset"] = Permission.objects.select_related("content_type").exclude(
                Q(content_type__in=_histories()) | Q(content_type__app_label__in=OF_LOG_INS)
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)
