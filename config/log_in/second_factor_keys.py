"""Encrypts what second factors keep with the present secret key."""

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from config.log_in.secret_cipher import UnreadableSecretError, decrypt, encrypt

# Where the data of a factor keeps what is encrypted; passkeys keep nothing secret.
SECRETS = ("secret", "seed")
LISTS = ("migrated_codes",)


@dataclass(frozen=True, slots=True)
class KeyChange:
    """How many factors have the present key now, and whose the others are: names of users."""

    count: int
    unreadable: list[str]


def reencrypt_all() -> KeyChange:
    """Encrypt the secrets of apps and recovery codes with the present key, one after the other.

    What a key encrypted that is neither the present one nor a fallback stays as it is. Opens a
    transaction for each.
    """
    kept = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk")
    count, unreadable = 0, set()
    for pk in list(kept.values_list("pk", flat=True)):
        with transaction.atomic():
            factor = (
                kept.select_for_update(of=("self",)).select_related("user").filter(pk=pk).first()
            )
            # It was removed meanwhile.
            if factor is None:
                continue
            try:
                factor.data = _again(factor.data)
            except UnreadableSecretError:
                unreadable.add(factor.user.get_username())
                continue
            factor.save(update_fields=["data"])
            count += 1
    return KeyChange(count, sorted(unreadable))


def _again(data: dict[str, Any]) -> dict[str, Any]:
    return {
        **data,
        **{name: encrypt(decrypt(data[name])) for name in SECRETS if name in data},
        **{name: [encrypt(decrypt(text)) for text in data[name]] for name in LISTS if name in data},
    }
