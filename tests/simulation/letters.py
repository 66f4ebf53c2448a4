"""E-mails and pages as customers see them: what their words say, and what can be clicked.

Knows nothing of the program but its English words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser

DAY = r"(?P<day>\d{1,2} [A-Z][a-z]{2} \d{4})"
ORDER = r"(?P<order>\w+)"
# How a notice begins, by its kind. A later one of the same e-mail begins a notice of its own.
BEGINNINGS: Sequence[tuple[str, str]] = (
    ("CONFIRMED", rf"Thank you for your order {ORDER}\."),
    ("DATED", rf"We now expect to send the backordered units of your order {ORDER} by {DAY}\."),
    (
        "UNDATED",
        rf"We do not know yet when we can send the backordered units of your order {ORDER}",
    ),
    ("ASKED", rf"Some units of your order {ORDER} are late\."),
    ("PREPARED", rf"Your backordered units have arrived\..* of your order {ORDER}:"),
    ("SENT", rf"These units of your order {ORDER} have been sent to you:"),
    ("CANCELED", rf"These units of your order {ORDER} were canceled:"),
    ("REFUNDED", rf"We have paid back \D*(?P<amount>[\d.,]+)\D* for .* of your order {ORDER}:"),
)
UNITS = re.compile(r"- (?P<quantity>\d+) × .* \((?P<sku>\S+)\)")
BACKORDERED = re.compile(
    rf"On backorder: (?P<quantity>\d+)\.(?: We expect to send this by {DAY}\.)?"
)
LINK = re.compile(r"https?://\S+")
DUE = re.compile(rf"They were due by {DAY}\.")
NEW = re.compile(rf"We now expect to send these units by {DAY}\.")
SILENCE = re.compile(rf"If you do not answer by {DAY}, (?P<meaning>.*)")
TOTAL = re.compile(r"Total: \D*(?P<amount>[\d.,]+)")
BACK = re.compile(r"You will get \D*(?P<amount>[\d.,]+)\D* back\.")
LATE = "They were late, and the delay was not accepted."
UNAVAILABLE = "Not all units of your order are available yet."
MEANINGS = (
    ("AGREES", "we understand that you wait"),
    ("CANCELS", "we cancel these units"),
    ("STAFF", "Our staff then decide"),
)


@dataclass(slots=True)
class Units:
    """Units of one SKU in an e-mail, and how many of them wait, until when."""

    sku: str
    quantity: int
    backordered: int = 0
    expected_on: date | None = None


@dataclass(slots=True)
class Question:
    """Late units of one question: due, expected by, and what no answer by a day means."""

    units: list[Units]
    due: date
    new_on: date | None = None
    answer_by: date = date.max
    meaning: str = ""
    says_some_are_missing: bool = False


@dataclass(slots=True)
class LetterNotice:
    """One notice of an e-mail."""

    kind: str
    order: str
    day: date | None = None
    amount: Decimal | None = None
    units: list[Units] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    is_for_delay: bool = False
    # The same letter says how much of the order was paid back.
    is_paid_back: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail as it came."""

    at: datetime
    to: str
    subject: str
    text: str

    @property
    def link(self) -> str:
        """Return the address of the page of the order; empty where there is none."""
        found = LINK.findall(self.text)
        return found[-1] if found else ""

    @property
    def notices(self) -> Sequence[LetterNotice]:
        found = list(_notices(self.text))
        paid_back = {notice.order for notice in found if notice.kind == "REFUNDED"}
        for notice in found:
            notice.is_paid_back = notice.order in paid_back
        return found


def _notices(text: str) -> Iterator[LetterNotice]:
    notice: LetterNotice | None = None
    for row in map(str.strip, text.splitlines()):
        begun = _begun(row)
        if begun is not None:
            if notice is not None:
                yield notice
            notice = begun
        elif notice is not None:
            _read(row, notice)
    if notice is not None:
        yield notice


def _begun(row: str) -> LetterNotice | None:
    for kind, words in BEGINNINGS:
        if found := re.match(words, row):
            facts = found.groupdict()
            return LetterNotice(
                kind,
                facts["order"],
                day=_day(facts.get("day")),
                amount=_amount(facts.get("amount")),
            )
    return None


def _read(row: str, notice: LetterNotice) -> None:
    if found := UNITS.match(row):
        notice.units.append(Units(found["sku"], int(found["quantity"])))
    elif found := BACKORDERED.match(row):
        notice.units[-1].backordered = int(found["quantity"])
        notice.units[-1].expected_on = _day(found["day"])
    elif found := DUE.match(row):
        due = _day(found["day"])
        assert due is not None
        # The units of a question stand before it.
        notice.questions.append(Question(notice.units, due))
        notice.units = []
    elif found := BACK.match(row) or TOTAL.match(row):
        notice.amount = _amount(found["amount"])
    if notice.questions:
        _read_question(row, notice.questions[-1])
    notice.is_for_delay |= row == LATE


def _read_question(row: str, question: Question) -> None:
    if found := NEW.search(row):
        question.new_on = _day(found["day"])
    question.says_some_are_missing |= UNAVAILABLE in row
    if found := SILENCE.search(row):
        question.answer_by = _day(found["day"]) or date.max
        question.meaning = next(name for name, words in MEANINGS if words in found["meaning"])


def _day(text: str | None) -> date | None:
    return None if text is None else datetime.strptime(text, "%d %b %Y").date()  # noqa: DTZ007


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text.replace(",", "").rstrip("."))


@dataclass(slots=True)
class Button:
    """A button, its words, and all that a click on it sends."""

    label: str
    sends: Mapping[str, str]


@dataclass(slots=True)
class PageCard:
    """A part of a page: its lists, its text and its buttons."""

    entries: list[str] = field(default_factory=list)
    text: str = ""
    buttons: list[Button] = field(default_factory=list)


class CardReader(HTMLParser):
    """Reads a page: each article is a card; what stands outside of them is the last card."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cards: list[PageCard] = []
        self._rest = PageCard()
        self._card = self._rest
        self._hidden: dict[str, str] = {}
        self._button: dict[str, str | None] | None = None
        self._words = ""
        self.feed(html)
        self.cards.append(self._rest)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "article":
            self._card = PageCard()
            self.cards.append(self._card)
        elif tag == "form":
            self._hidden = {}
        elif tag == "input" and values.get("type") == "hidden":
            self._hidden[values["name"] or ""] = values.get("value") or ""
        elif tag in ("button", "li"):
            self._button, self._words = values, ""

    def handle_endtag(self, tag: str) -> None:
        words = " ".join(self._words.split())
        if tag == "article":
            self._card = self._rest
        elif tag == "li":
            self._card.entries.append(words)
        elif tag == "button" and self._button is not None:
            sends = {**self._hidden, self._button["name"] or "": self._button["value"] or ""}
            self._card.buttons.append(Button(words, sends))

    def handle_data(self, data: str) -> None:
        self._words += data
        self._card.text += data


ENTRY = re.compile(r"(?P<quantity>\d+) × Product (?P<sku>\S+)")
WAIT = re.compile(rf"Wait until {DAY}")


def shown_units(card: PageCard) -> list[Units]:
    """Return the units that the lists of a card show."""
    found = map(ENTRY.match, card.entries)
    return [Units(one["sku"], int(one["quantity"])) for one in found if one]


def waited_until(button: Button) -> date | None:
    """Return until when a customer agrees to wait; None: as long as it takes."""
    found = WAIT.match(button.label)
    return None if found is None else _day(found["day"])
