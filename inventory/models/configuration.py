"""The global values that every product follows."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models.option_columns import OptionOwner, add_option_columns
from inventory.options import Scope, options_for
from inventory.resolution import resolve

SINGLETON_PK = 1
HOLD = "SELECT * FROM inventory_inventoryconfiguration WHERE id = %s FOR SHARE"


class InventoryConfiguration(OptionOwner):
    """One row, made by migration; a column that is ``NULL`` means "Use system value"."""

    class Meta:
        verbose_name = _("inventory configuration")
        verbose_name_plural = _("inventory configuration")
        constraints = [
            models.CheckConstraint(
                name="inventory_configuration_is_a_singleton",
                condition=Q(pk=SINGLETON_PK),
                violation_error_message=_("There is one inventory configuration."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("Inventory configuration"))

    @classmethod
    def load(cls) -> "InventoryConfiguration":
        """Return the one row; it is made with every value left to the system if it is missing."""
        configuration, _created = cls.objects.get_or_create(pk=SINGLETON_PK)
        return configuration

    @classmethod
    def hold(cls) -> "InventoryConfiguration":
        """Return the row, locked against changes until the caller's transaction ends.

        It is held where it decides what is written, before source items are locked: a change of it
        restores statuses. Many transactions can hold it at once.
        """
        rows = cls.objects.raw(HOLD, [SINGLETON_PK])
        return next(iter(rows), None) or cls.load()

    def in_force(self, name: str) -> Any:
        """Return the global value of an option, its system default where none is set."""
        return resolve(name, configuration=self.overrides()).value


GLOBAL_OPTIONS = options_for(Scope.GLOBAL)
add_option_columns(InventoryConfiguration, GLOBAL_OPTIONS)
