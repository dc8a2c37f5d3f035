"""The web process."""

from __future__ import annotations

import revlog.celery  # noqa: F401
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
