"""A constraint: no two rows have the same value of an expression when a statement ends."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db.models import Deferrable
from django.db.models.expressions import Expression


class UniqueExpression(ExclusionConstraint):
    """Keeps an expression unique, also while rows exchange their values, as a file may have them.

    A unique index on an expression is looked at row by row; this is looked at when the statement
    ends, or later where the transaction says so. A violation is one of the field ``field``.
    """

    def __init__(
        self,
        *,
        name: str,
        expression: Expression,
        field: str,
        violation_error_message: Any = None,
    ) -> None:
        super().__init__(
            name=name,
            expressions=[(expression, "=")],
            deferrable=Deferrable.IMMEDIATE,
            violation_error_code="unique",
            violation_error_message=violation_error_message,
        )
        # Django offers GiST alone, which texts would need an extension for.
        self.index_type = "BTREE"
        # Where Django looks for the field of a violation.
        self.fields = (field,)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, _kwargs = super().deconstruct()
        kwargs: dict[str, Any] = {
            "name": self.name,
            "expression": self.expressions[0][0],
            "field": self.fields[0],
            "violation_error_message": self.violation_error_message,
        }
        return path, args, kwargs
