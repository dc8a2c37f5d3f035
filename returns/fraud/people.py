"""By what accounts are compared: the same address, mailbox or payment, as keyed digests. What they are made of is kept nowhere here.

A digest says that two things are the same, to somebody who has the key, and nothing else. The seller is part of it: what one shop knows
of its customers is never compared with what another knows.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
import uuid
from collections.abc import Mapping, Sequence

from django.conf import settings

ADDRESS, MAILBOX, PAYMENT = "address", "mailbox", "payment"
KINDS = (ADDRESS, MAILBOX, PAYMENT)
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
_SHORT = {"street": "st", "strasse": "str", "straat": "str", "avenue": "av", "ave": "av", "road": "rd", "square": "sq"}


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ẞ", "ss").casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def address(lines: Sequence[str], country: str = "") -> str:
    """An address in the form in which two spellings of it are the same; empty where there is too little of it to mean one door.

    Case, accents, punctuation and common short forms don't count, nor does the order of the words; a name on the first line is part of
    none, so lines without a digit are left out.
    """
    words: list[str] = []
    for line in lines:
        found = re.findall(r"[a-z0-9]+", _plain(str(line)))
        if any(letter.isdigit() for word in found for letter in word):
            words += [_SHORT.get(word, re.sub(r"(strasse|straat)$", "str", word)) for word in found]
    numbers = [word for word in words if any(letter.isdigit() for letter in word)]
    if len(numbers) < 2:
        # A house number and a postcode are the least that means one door.
        return ""
    return " ".join([country.upper(), *sorted(words)]).strip()


def mailbox(email: str) -> str:
    """The mailbox behind an e-mail: without what stands behind a plus, and without dots where the provider reads over them."""
    local, mark, domain = email.strip().casefold().rpartition("@")
    if not mark or not local:
        return ""
    local = local.partition("+")[0]
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}" if local else ""


def digest(seller: uuid.UUID, kind: str, text: str) -> str:
    key = hmac.new(settings.SECRET_KEY.encode(), b"returns.fraud", hashlib.sha256).digest()
    return hmac.new(key, f"{seller}:{kind}:{text}".encode(), hashlib.sha256).hexdigest()


def keys(
    seller: uuid.UUID, *, email: str = "", lines: Sequence[str] = (), country: str = "", payment: str = ""
) -> Mapping[str, str]:
    """The digest of each thing that is known, by its kind."""
    known = {ADDRESS: address(lines, country), MAILBOX: mailbox(email), PAYMENT: payment.strip()}
    return {kind: digest(seller, kind, text) for kind, text in known.items() if text}
