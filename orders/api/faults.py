"""Why orders refuse what they are asked, as problems."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext

from core.api.problems import Fault, ProblemError, conflict, refused
from core.api.versions import stale
from orders.changes.change import ChangeRefusedError
from orders.models import Order
from orders.placing.errors import IdempotencyConflictError, OrderRefusedError, in_words
from orders.placing.validation import OrderProblem
from orders.refusals import (
    OrderChangeError,
    StaleError,
    UnitsError,
)


def order_refused(problems: Sequence[OrderProblem]) -> ProblemError:
    """Return the refusal of an order, with every reason at its pointer into the body."""
    faults = [Fault(_pointer(problem), problem.code, in_words(problem)) for problem in problems]
    return refused("ORDER_REFUSED", gettext("The order cannot be placed as it is."), faults)


def change_refused(problems: Sequence[OrderProblem], *, member: str) -> ProblemError:
    """Return the refusal of an order change, with every reason at its pointer into the body.

    ``member`` is the list whose rows the reasons number.
    """
    faults = [
        Fault(_pointer(problem, member=member), problem.code, in_words(problem))
        for problem in problems
    ]
    return refused("CHANGE_REFUSED", gettext("The order cannot be changed like this."), faults)


def line_ids(
    order: Order, rows: Sequence[Mapping[str, Any]], *, member: str = "lines"
) -> list[int]:
    """Return the ids of the lines that rows of a member name by number (``line``), each once.

    :raises core.api.problems.ProblemError: 422 with a fault for each that is not there.
    """
    known = dict(order.lines.order_by("number").values_list("number", "pk"))
    unknown = gettext("The order has no line with this number.")
    return ids_named(
        [row["line"] for row in rows], known, at=f"/{member}/{{}}/line", unknown=unknown
    )


def ids_named(
    keys: Sequence[Hashable], known: Mapping[Any, int], *, at: str, unknown: str
) -> list[int]:
    """Return the ids of the order lines that the rows of a body name by their keys, each once.

    ``at`` is the pointer to a row, with a gap for its index; ``unknown`` says that a key is none.

    :raises core.api.problems.ProblemError: 422 with a fault for each that is not there.
    """
    twice = gettext("An earlier row names the same.")
    seen: set[Any] = set()
    faults = []
    for index, key in enumerate(keys):
        if key not in known or key in seen:
            fault = ("NAMED_TWICE", twice) if key in known else ("UNKNOWN_LINE", unknown)
            faults.append(Fault(at.format(index), *fault))
        seen.add(key)
    if faults:
        raise refused("INVALID", gettext("The lines that are named are refused."), faults)
    return [known[key] for key in keys]


@contextmanager
def refusals_as_problems(order_lines: Sequence[int] = ()) -> Iterator[None]:
    """Turn what orders refuse into problems.

    ``order_lines`` are the ids of the order lines in the order in which the body names them: what
    is wrong with one is said at its pointer.

    :raises core.api.problems.ProblemError: 409 for what the state of things does not allow,
        412 for what has changed, 422 for units that are not there.
    """
    try:
        yield
    except ChangeRefusedError as error:
        raise change_refused(error.problems, member=error.member) from error
    except OrderRefusedError as error:
        raise order_refused(error.problems) from error
    except IdempotencyConflictError as error:
        detail = gettext("This idempotency key was sent with another request.")
        raise conflict("IDEMPOTENCY_CONFLICT", detail) from error
    except StaleError as error:
        raise stale() from error
    except UnitsError as error:
        detail = in_words(error)
        faults = _at_line(error.code, detail, error.line_id, order_lines)
        raise refused(error.code, detail, faults) from error
    except OrderChangeError as error:
        raise conflict(error.code, in_words(error)) from error


def _at_line(
    code: str, detail: str, line_id: int | None, order_lines: Sequence[int]
) -> list[Fault]:
    """Return the fault at the line's pointer into the body, if the body names the line."""
    return [
        Fault(f"/lines/{index}/quantity", code, detail)
        for index, named in enumerate(order_lines)
        if named == line_id
    ]


def _pointer(problem: OrderProblem, *, member: str = "lines") -> str:
    if problem.line is None:
        return f"/{problem.path}"
    return f"/{member}/{problem.line - 1}/{problem.path}"
