"""What becomes of order, payment and shipments when a gateway misbehaves: every cell.

``docs/reference/payments.md`` shows this table; ``test_payment_table.py`` makes each row happen.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """How order, payment and shipments stand, and of how many operations a person must decide."""

    order: str
    payment: str
    shipments: str
    reviews: int = 0

    @property
    def cells(self) -> list[str]:
        person = "a person decides" if self.reviews else ""
        return [self.order, self.payment, self.shipments, person]


@dataclass(frozen=True)
class PaymentCase:
    """``at_once`` is after the first answer, or its absence; ``at_last`` after asking again."""

    operation: str
    misfortune: str
    at_once: State
    at_last: State

    @property
    def id(self) -> str:
        return f"{self.operation} {self.misfortune}"


def settled(operation: str, misfortune: str, state: State) -> PaymentCase:
    return PaymentCase(operation, misfortune, state, state)


DONE = State("PROCESSING", "AUTHORIZED", "READY")
SHIPPED = State("COMPLETE", "CAPTURED", "FULFILLED")
GIVEN_UP = State("CANCELED", "VOIDED", "CANCELED")
PAID_BACK = State("CLOSED", "REFUNDED, all refunded", "FULFILLED")
OWED = State("CLOSED", "CAPTURED", "FULFILLED")

TABLE = [
    settled("authorize", "decline", State("CANCELED", "DECLINED", "CANCELED")),
    PaymentCase(
        "authorize",
        "timeout",
        State("PAYMENT_REVIEW", "UNKNOWN", "READY"),
        State("PAYMENT_REVIEW", "UNKNOWN", "READY", reviews=1),
    ),
    PaymentCase("authorize", "late", State("PAYMENT_REVIEW", "UNKNOWN", "READY"), DONE),
    settled("authorize", "twice", DONE),
    settled("capture", "decline", State("COMPLETE", "AUTHORIZED", "FULFILLED", reviews=1)),
    PaymentCase(
        "capture",
        "timeout",
        State("COMPLETE", "AUTHORIZED", "FULFILLED"),
        State("COMPLETE", "AUTHORIZED", "FULFILLED", reviews=1),
    ),
    PaymentCase("capture", "late", State("COMPLETE", "AUTHORIZED", "FULFILLED"), SHIPPED),
    settled("capture", "twice", SHIPPED),
    settled("void", "decline", State("CANCELED", "AUTHORIZED", "CANCELED", reviews=1)),
    PaymentCase(
        "void",
        "timeout",
        State("CANCELED", "AUTHORIZED", "CANCELED"),
        State("CANCELED", "AUTHORIZED", "CANCELED", reviews=1),
    ),
    PaymentCase("void", "late", State("CANCELED", "AUTHORIZED", "CANCELED"), GIVEN_UP),
    settled("void", "twice", GIVEN_UP),
    settled("refund", "decline", State("CLOSED", "CAPTURED", "FULFILLED", reviews=1)),
    PaymentCase("refund", "timeout", OWED, State("CLOSED", "CAPTURED", "FULFILLED", reviews=1)),
    PaymentCase("refund", "late", OWED, PAID_BACK),
    settled("refund", "twice", PAID_BACK),
]

HEADINGS = ["operation", "the gateway", "", "order", "payment", "shipment", "exception"]
MISFORTUNES = {
    "decline": "declines",
    "timeout": "never answers",
    "late": "answers late",
    "twice": "answers twice",
}


def as_markdown() -> str:
    """Return the table as the documentation shows it."""
    lines = [HEADINGS, ["---"] * len(HEADINGS)]
    for row in TABLE:
        misfortune = MISFORTUNES[row.misfortune]
        if row.at_once == row.at_last:
            lines.append([row.operation, misfortune, "at once", *row.at_once.cells])
        else:
            lines.append([row.operation, misfortune, "at first", *row.at_once.cells])
            lines.append([row.operation, misfortune, "at last", *row.at_last.cells])
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
