"""The web process for servers that speak ASGI."""

from __future__ import annotations

import revlog.celery  # noqa: F401
from django.core.asgi import get_asgi_application

application = get_asgi_application()
