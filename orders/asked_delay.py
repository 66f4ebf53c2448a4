"""A delay that a customer was asked about, as the page of the order shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orders.no_date_reason import sentence_of


@dataclass(frozen=True, slots=True)
class AskedDelay:
    """A delay that a customer was asked about; ``units_on`` shipments, by id, have not left.

    Without ``new_on`` there is no date yet. ``answers`` are the codes that it takes now. What no
    answer by ``answer_by`` means matters while it ``is_open``: the delay is agreed to, the units
    are canceled, or else staff decide. ``is_agreed``: the customer waits; where it is neither, a
    person decides. ``no_date_reason`` is a :class:`orders.no_date_reason.NoDateReason`.
    """

    request_id: int
    units_on: Mapping[int, Mapping[int, Decimal]]
    agreed_on: date
    new_on: date | None
    answer_by: date
    is_open: bool
    is_agreed: bool
    silence_agrees: bool
    silence_cancels: bool
    no_date_reason: str
    answers: Sequence[str]

    @property
    def awaits_answer(self) -> bool:
        """Return whether nobody has answered it yet, and it takes an answer."""
        return bool(self.answers) and not self.is_agreed

    @property
    def shown_on(self) -> str:
        """Return the new date as an answer hands it back; empty for none."""
        return "" if self.new_on is None else self.new_on.isoformat()

    @property
    def no_date(self) -> str:
        """Return why there is no date yet, in the active language."""
        return sentence_of(self.no_date_reason)


@dataclass(frozen=True, slots=True)
class SharedAnswers:
    """The ``answers``, by their codes, that several ``delays`` of an order all take."""

    delays: Sequence[AskedDelay]
    answers: Sequence[str]

    @classmethod
    def of(cls, delays: Sequence[AskedDelay]) -> "SharedAnswers | None":
        """Return what all delays that await an answer take; None where fewer than two do.

        Rule: Delays, answered one by one or all at once (§18a).
        """
        asked = [delay for delay in delays if delay.awaits_answer]
        if len(asked) < 2:
            return None
        shared = [one for one in asked[0].answers if all(one in each.answers for each in asked)]
        return cls(asked, shared) if shared else None
