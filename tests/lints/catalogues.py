"""The catalogues of translations hold every message once, complete, and nothing else.

`python -m tests.lints.catalogues` writes them again from the code: new messages are empty, those
that nothing asks for are left out.
"""

import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po, write_po

from config.catalogues import FOLDER

PLURALS = {"sv": "(n != 1)", "fr": "(n > 1)"}
LANGUAGES = tuple(PLURALS)
# The header has no date that changes: two who renew a catalogue get the same file.
MADE = datetime(2026, 11, 29, tzinfo=UTC)
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{\{ [a-z_]+ \}\}|\{[a-z_]*\}|</?[a-z][^>]*>")
# What a text may not hold, by language, and why.
NO_BREAK = "\u00a0\u202f"
WRONG = {
    "sv": [
        (re.compile(r"[“„«»]"), "quotes are ”…”"),
        (re.compile(r'(?<![=\w])"(?![^<]*>)'), "quotes are ”…”"),
        (re.compile(r"\b(?:ej|utav)\b", re.IGNORECASE), "write inte, av"),
    ],
    "fr": [
        (re.compile(rf"[^{NO_BREAK}\s?!(][;?!](?![^<]*>)"), "a no-break space stands before ; ? !"),
        (re.compile(rf" [:;?!»]|[^{NO_BREAK}]»|«[^{NO_BREAK}]"), "the space is a no-break space"),
        (re.compile(r"[“”„]"), "quotes are « … »"),
        (re.compile(r"(?<=\w)'(?=\w)"), "the apostrophe is ’"),
    ],
}


def path_of(language: str) -> Path:
    """Return the file of a language."""
    return FOLDER / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Return the catalogue of a language; an empty one where it has none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renew(language: str) -> None:
    """Write the catalogue of a language again, with all messages of the code and no others."""
    from tests.lints.messages import own_messages, package_messages  # noqa: PLC0415

    former = read(language)
    catalogue = Catalog(
        locale=language,
        project="Backorder back office",
        header_comment="# Renewed by python -m tests.lints.catalogues; see docs/translating.md.",
        creation_date=MADE,
        revision_date=MADE,
        fuzzy=False,
    )
    # As Django's own catalogues count, so that both are read as one.
    catalogue.mime_headers = [("Plural-Forms", f"nplurals=2; plural={PLURALS[language]};")]
    asked = {**package_messages(), **own_messages()}
    for message in sorted(asked, key=lambda each: (each.text, each.context or "")):
        known = former.get(message.text, message.context)
        catalogue.add(
            message.text if message.plural is None else (message.text, message.plural),
            _kept(known, is_plural=message.plural is not None),
            context=message.context,
            locations=[(name, 0) for name in asked[message] if "site-packages" not in name],
        )
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    with path_of(language).open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False, omit_header=False)


def _kept(known: Entry | None, *, is_plural: bool) -> Any:
    """Return a translation that is still of use: one with as many forms as its message."""
    kept = as_list(known.string) if known is not None else []
    if is_plural:
        return tuple(kept) if len(kept) > 1 else ("", "")
    return kept[0] if len(kept) == 1 else ""


def as_list(texts: Any) -> list[str]:
    """Return the texts of a message or translation: one, or one for each form."""
    return [str(texts or "")] if isinstance(texts, str | None) else [str(text) for text in texts]


def faults_of(entry: Entry, language: str) -> Iterator[str]:
    """Yield what is wrong with a translation."""
    if entry.fuzzy:
        yield "is fuzzy"
    texts = as_list(entry.id)
    wanted = {name for text in texts for name in PLACEHOLDER.findall(text)}
    for form in as_list(entry.string):
        if not form:
            yield "is missing"
            continue
        found = set(PLACEHOLDER.findall(form))
        if found - wanted or (len(texts) == 1 and wanted - found):
            yield f"has other placeholders: {form}"
        if form.strip() != form and texts[0].strip() == texts[0]:
            yield f"begins or ends with a space: {form}"
        yield from (f"{why}: {form}" for wrong, why in WRONG[language] if wrong.search(form))
    complete = (wanted <= set(PLACEHOLDER.findall(form)) for form in as_list(entry.string))
    if len(texts) > 1 and not any(complete):
        yield "lacks a placeholder"


def findings() -> list[str]:
    """Return a line for each message that is missing, unused or translated wrongly."""
    from tests.lints.messages import own_messages, package_messages  # noqa: PLC0415

    asked = {(each.text, each.context) for each in {**package_messages(), **own_messages()}}
    found = []
    for language in LANGUAGES:
        entries = {
            (as_list(entry.id)[0], entry.context): entry for entry in read(language) if entry.id
        }
        found += [f"{language}: not in the catalogue: {key[0]}" for key in asked - set(entries)]
        found += [f"{language}: nothing asks for: {key[0]}" for key in set(entries) - asked]
        found += [
            f"{language}: “{key[0]}” {fault}"
            for key, entry in entries.items()
            for fault in faults_of(entry, language)
        ]
    return sorted(found)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for each in LANGUAGES:
        renew(each)
    sys.exit(0)
