"""gunicorn as it is measured: nothing logged, nothing preloaded."""

from __future__ import annotations

accesslog = None
