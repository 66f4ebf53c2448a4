"""Why orders refuse what they are asked, as problems."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext

from core.api.problems import Fault, ProblemError, conflict, refused
from core.api.versions import stale
from orders.models import Order
from orders.placing.errors import IdempotencyConflictError, OrderRefusedError, in_words
from orders.placing.validation import OrderProblem
from orders.refusals import (
    OrderChangeError,
    StaleError,
    UnitsError,
)


def order_refused(problems: Sequence[OrderProblem]) -> ProblemError:
    """Return the refusal of an order, with every reason at its place in the body."""
    faults = [Fault(_pointer(problem), problem.code, in_words(problem)) for problem in problems]
    return refused("ORDER_REFUSED", gettext("The order cannot be placed as it is."), faults)


def line_ids(order: Order, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the ids of the lines that rows name by number (``line``), each once.

    :raises core.api.problems.ProblemError: 422 with a fault for each that is not there.
    """
    known = dict(order.lines.order_by("number").values_list("number", "pk"))
    faults = []
    seen: set[int] = set()
    for place, row in enumerate(rows):
        pointer = f"/lines/{place}/line"
        if row["line"] not in known:
            detail = gettext("The order has no line with this number.")
            faults.append(Fault(pointer, "UNKNOWN_LINE", detail))
        elif row["line"] in seen:
            faults.append(Fault(pointer, "NAMED_TWICE", gettext("An earlier row names the same.")))
        seen.add(row["line"])
    if faults:
        raise refused("INVALID", gettext("The lines that are named are refused."), faults)
    return [known[row["line"]] for row in rows]


@contextmanager
def refusals_as_problems(order_lines: Sequence[int] = ()) -> Iterator[None]:
    """Turn what orders refuse into problems.

    ``order_lines`` are the ids of the order lines in the order in which the body names them: what
    is wrong with one is said at its place.

    :raises core.api.problems.ProblemError: 409 for what the state of things does not allow,
        412 for what has changed, 422 for units that are not there.
    """
    try:
        yield
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
    """Return the fault at the line's place in the body, if the body names the line."""
    return [
        Fault(f"/lines/{place}/quantity", code, detail)
        for place, named in enumerate(order_lines)
        if named == line_id
    ]


def _pointer(problem: OrderProblem) -> str:
    if problem.line is None:
        return f"/{problem.path}"
    return f"/lines/{problem.line - 1}/{problem.path}"
