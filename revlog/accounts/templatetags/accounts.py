"""What the sign-in pages need to know of the connection."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.template.context import Context

register = template.Library()
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def is_secure_context(request: HttpRequest) -> bool:
    """Whether the browser counts this as a secure context, without which it knows no passkeys (and no camera): https, or this machine."""
    host = request.get_host()
    return (
        request.is_secure()
        or (host if host.startswith("[") and host.endswith("]") else host.rsplit(":", 1)[0]) in LOOPBACK
    )


@register.simple_tag(takes_context=True)
def secure_context(context: Context) -> bool:
    request = context.get("request")
    return isinstance(request, HttpRequest) and is_secure_context(request)
