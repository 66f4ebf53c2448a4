"""SQL that moves counters: one row a key, made when it is missing, locked in the order of keys."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.quantities import ZERO
from core.sql import arrays, execute_prepared, listed

Key = tuple[int | None, ...]
Amounts = Sequence[Decimal]


@dataclass(frozen=True, slots=True)
class Counters:
    """A table of counters: the columns of its key (those that may be empty are ``optional``),
    and those that count.

    Changes are a relation with the same columns, as it stands after FROM.
    """

    table: str
    key: Sequence[str]
    columns: Sequence[str]
    optional: Sequence[str] = ()

    @property
    def sent(self) -> str:
        """The relation of changes that are sent as arrays, one for each column."""
        arrays = ["%s::bigint[]"] * len(self.key) + ["%s::numeric[]"] * len(self.columns)
        names = ", ".join([*self.key, *self.columns])
        return f"(SELECT * FROM unnest({', '.join(arrays)}) AS sent({names}))"  # noqa: S608

    def make(self, changes: str) -> str:
        """Return the statement that makes rows that count 0, where they are missing."""
        return f"""
            INSERT INTO {self.table} ({", ".join([*self.key, *self.columns])})
            SELECT DISTINCT {", ".join(self.key)}, {", ".join("0" for _ in self.columns)}
            FROM {changes} AS change ORDER BY {", ".join(self.key)}
            ON CONFLICT ({", ".join(self.key)}) DO NOTHING
        """  # noqa: S608 - constants

    def add(self, changes: str) -> str:
        """Return the statement that adds to counters, and makes those that are missing.

        PostgreSQL checks the row that it would insert first, so that no change may be negative
        where the counter may not.
        """
        names = ", ".join([*self.key, *self.columns])
        return f"""
            INSERT INTO {self.table} AS counter ({names})
            SELECT {names} FROM {changes} AS change ORDER BY {", ".join(self.key)}
            ON CONFLICT ({", ".join(self.key)}) DO UPDATE
            SET {listed("{0} = counter.{0} + EXCLUDED.{0}", self.columns)}
        """  # noqa: S608 - constants

    def locked(self, changes: str) -> str:
        """Return the query that locks the counters of changes, to stand in a MATERIALIZED WITH."""
        same = " AND ".join(
            f"counter.{name} {'IS NOT DISTINCT FROM' if name in self.optional else '='}"
            f" change.{name}"
            for name in self.key
        )
        return f"""
            SELECT counter.id, {listed("change.{}", self.columns)}
            FROM {self.table} AS counter JOIN {changes} AS change ON {same}
            ORDER BY {listed("counter.{}", self.key)} FOR UPDATE OF counter
        """  # noqa: S608 - constants

    def shift(self, locked: str) -> str:
        """Return the statement that adds to the counters that :meth:`locked` has locked."""
        return f"""
            UPDATE {self.table} AS counter
            SET {listed("{0} = counter.{0} + " + locked + ".{0}", self.columns)}
            FROM {locked} WHERE counter.id = {locked}.id
        """  # noqa: S608 - constants

    def lock_and_shift(self, changes: str) -> str:
        """Return the statement that locks counters in the order of keys and adds to them."""
        return f"WITH locked AS MATERIALIZED ({self.locked(changes)}) {self.shift('locked')}"

    def arrays(self, changes: Mapping[Any, Amounts]) -> list[str]:
        """Return the parameters of :attr:`sent`."""
        keys = sorted(changes, key=lambda key: [part or 0 for part in key])
        return arrays([(*key, *changes[key]) for key in keys])

    def hold(self, keys: Collection[Any]) -> None:
        """Lock counters by key, in the order of keys, for what moves them later."""
        if not keys:
            return
        columns = self.arrays({key: [ZERO] * len(self.columns) for key in keys})
        execute_prepared(self.make(self.sent), columns)
        execute_prepared(self.locked(self.sent), columns)

    def move(self, changes: Mapping[Any, Amounts], *, takes_away: bool) -> None:
        """Add to counters by key; among the last statements of a transaction.

        ``takes_away``: a counter that may not be negative is lowered.
        """
        if not changes:
            return
        columns = self.arrays(changes)
        if takes_away:
            execute_prepared(self.make(self.sent), columns)
            execute_prepared(self.lock_and_shift(self.sent), columns)
        else:
            execute_prepared(self.add(self.sent), columns)
