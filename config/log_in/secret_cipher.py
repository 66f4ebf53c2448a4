"""Short secrets as they are kept: encrypted with AES-256 in GCM, which notices each change."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.crypto import salted_hmac

# As long as GCM takes it without a hash of its own; never the same twice.
NONCE_BYTES = 12


class UnreadableSecretError(Exception):
    """None of the present keys encrypted this, or it was changed."""


def encrypt(text: str) -> str:
    """Return a text encrypted with a key that is derived from the secret key."""
    nonce = token_bytes(NONCE_BYTES)
    kept = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, text.encode(), None)
    return urlsafe_b64encode(nonce + kept).decode()


def decrypt(encrypted_text: str) -> str:
    """Return what was encrypted with the present key or with a former one.

    :raises UnreadableSecretError: if it was with neither.
    """
    try:
        kept = urlsafe_b64decode(encrypted_text)
    except (Base64Error, ValueError) as error:
        raise UnreadableSecretError from error
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            text = AESGCM(_key(secret)).decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            continue
        return text.decode()
    raise UnreadableSecretError


def _key(secret: str) -> bytes:
    return salted_hmac("second factors", "key", secret=secret, algorithm="sha256").digest()
