"""What a provider says of who logged in there. PURE."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# As long as the columns of users and of their links are.
LONGEST_SUBJECT = 191
LONGEST_NAME = 150
LONGEST_EMAIL = 254


class ClaimError(Exception):
    """A claim has a value that it should not have; the message names the claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNames:
    """By what names a provider says things; ``roles``: "" where roles are this site's own."""

    username: str
    roles: str
    # Values of ``amr`` or ``acr`` that say that a second factor was proven.
    second_factor: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who logged in at a provider.

    ``email`` is the address that the provider has verified, "" without one. ``roles`` are the names
    of the person's roles, None where the provider says nothing about them. ``proved_at`` is when
    the person showed there who it is, in seconds since 1970; 0 where the provider does not say.
    """

    issuer: str
    subject: str
    username: str
    email: str
    first_name: str
    last_name: str
    roles: frozenset[str] | None
    has_second_factor: bool
    proved_at: int = 0


def identity_of(claims: Mapping[str, Any], names: ClaimNames) -> Identity:
    """Return who the claims of an ID token are about.

    :raises ClaimError: if one has a value of another kind, or one that is too long to be kept.
    """
    subject = _text(claims, "sub", longest=LONGEST_SUBJECT)
    if not subject:
        raise ClaimError("sub is empty")
    is_verified = claims.get("email_verified") in (True, "true")
    return Identity(
        issuer=_text(claims, "iss", longest=200),
        subject=subject,
        username=_text(claims, names.username, longest=LONGEST_NAME),
        email=_text(claims, "email", longest=LONGEST_EMAIL) if is_verified else "",
        first_name=_text(claims, "given_name", longest=LONGEST_NAME),
        last_name=_text(claims, "family_name", longest=LONGEST_NAME),
        roles=frozenset(_texts(claims, names.roles)) if names.roles else None,
        has_second_factor=not set(names.second_factor).isdisjoint(
            [*_texts(claims, "amr"), *_texts(claims, "acr")]
        ),
        proved_at=int(claims.get("auth_time", 0)),
    )


def _text(claims: Mapping[str, Any], name: str, *, longest: int) -> str:
    value = claims.get(name) or ""
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise ClaimError(f"{name} is no text of at most {longest} characters")
    return value.strip()


def _texts(claims: Mapping[str, Any], name: str) -> list[str]:
    """Return the texts of a claim, which may be one or a list of them."""
    value = claims.get(name) or []
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ClaimError(f"{name} is no list of texts")
    return texts
