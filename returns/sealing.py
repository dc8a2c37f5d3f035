"""What must be kept of a person and read by few: sealed with a key of this install, so that a dump of the tables tells nothing.

The key follows from SECRET_KEY, and those before it (``SECRET_KEY_FALLBACKS``) still open what they sealed.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class UnableToOpenSeal(Exception):
    """It was sealed with another key, or isn't sealed text."""


def _fernet() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", [])]
    return MultiFernet([Fernet(_key(str(secret))) for secret in secrets])


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"revlog.returns.tradein").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)


def seal(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def opened(sealed: str) -> str:
    """Raises UnableToOpenSeal."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise UnableToOpenSeal from None


def read(sealed: str) -> str:
    """The same; empty where nothing is sealed, or no key of this install opens it."""
    try:
        return opened(sealed) if sealed else ""
    except UnableToOpenSeal:
        return ""
