"""How often a stranger may ask: counted per address in the cache, so that nobody can keep the workers checking signatures."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

log = logging.getLogger(__name__)
WINDOW = 60


def address_of(request: HttpRequest) -> str:
    """The client's address, behind as many proxies of ours as are configured; what a stranger writes into the header counts for nothing."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))


def exceeded(request: HttpRequest, *, of: str, most: int) -> bool:
    """Count this request; True when the address has asked more than ``most`` times within the minute."""
    key = f"limit:{of}:{address_of(request)}"
    try:
        if cache.add(key, 1, WINDOW):
            return False
        return int(cache.incr(key)) > most
    except ValueError:
        return False  # it ran out between the two
    except Exception:
        # A dead cache must not close the page on which proofs are checked.
        log.warning("The cache can't be reached; requests are not counted.")
        return False
