"""The version of a row: which of two states of it is the later one."""

from django.db import models
from django.db.models import Func, Value
from django.utils.translation import gettext_lazy as _


class VersionedModel(models.Model):
    """A row whose ``version`` rises with every write, whichever way it is written.

    The database counts: one sequence for all tables, drawn from when a row is made and by the
    trigger of its table when it is updated, so that no two states share a version, not even those
    of a row that was deleted and made again. What a write gives as ``version`` is ignored, and a
    row in memory keeps the version that was read.

    A table of such rows needs the trigger: ``BEFORE UPDATE … EXECUTE FUNCTION core_next_version()``
    in its migration.
    """

    version = models.BigIntegerField(
        _("version"), db_default=Func(Value("core_version"), function="nextval"), editable=False
    )

    class Meta:
        abstract = True
