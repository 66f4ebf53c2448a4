"""What the forms by which staff change an order have in common."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise

from core.formats import plural_of, quantity
from orders.books import OrderBooks
from orders.changes.change import Change
from orders.changes.preview import OrderEffect
from orders.models import Order
from orders.permissions import CHANGE
from orders.placing.errors import in_words
from orders.placing.validation import OrderProblem


class TaskForm(forms.Form):
    """One change of an order, previewed and confirmed, with a token that lets it happen once.

    ``version`` is the order's when the page was shown: one that others changed since is shown
    again, and nothing is done.
    """

    task: str
    label: Promise
    confirm: Promise
    # What a person needs for it, all of them.
    permissions: ClassVar[Sequence[str]] = (CHANGE,)
    # What was done, with a gap for the order's number.
    done: Promise
    change: Change[..., Any]
    # The records of changes made with a key.
    records: Callable[[Order, str], QuerySet[Any]]
    # The part of the page that has its fields.
    template: ClassVar[str]

    # Whether what is wrong with it is shown: it was sent, not only given another row.
    is_judged = True
    # What it wrote, once it is confirmed.
    written: Any = None

    token = forms.CharField(max_length=64, widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, books: OrderBooks, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = books.order
        self.initial = {"version": self.order.version, **self.initial}

    @classmethod
    def is_offered(cls, books: OrderBooks) -> bool:
        """Whether the order, as it is now, can be changed like this."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """The idempotency key of the change; programs choose theirs elsewhere."""
        return f"admin-{self.data.get('token', '')}"

    def arguments(self) -> dict[str, Any]:
        """Return what was chosen, as the change takes it."""
        raise NotImplementedError

    def result(self) -> str:
        """Return what a valid form did."""
        return str(self.done) % {"order": self.order.number}

    def units_result(self, done: Any, units: Decimal) -> str:
        """Return what was done to units; ``done`` has both numbers, chosen by ``count``."""
        values = {"units": quantity(units), "order": self.order.number}
        return str(done % {"count": plural_of(units), **values})

    def show_problems(self, problems: Sequence[OrderProblem]) -> None:
        """Write each reason why the change is refused beside what it is about."""
        for problem in problems:
            self.add_error(None, in_words(problem))

    def show_newer(self, order: Order) -> None:
        """Let what is typed be sent again, about the order as it is by now."""
        self.put("version", str(order.version))

    def keep_shown(self, effect: OrderEffect) -> None:
        """Keep what a preview showed, to be compared when it is confirmed."""

    def put(self, name: str, value: str) -> None:
        """Put a value in a field, as if it had been sent."""
        self.data = {**dict(self.data.items()), name: value}

    def is_done(self) -> bool:
        """Whether the change was made with this token."""
        return bool(self.records(self.order, self.key).exists())
