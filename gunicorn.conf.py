"""The web process. Every figure can be told by the environment; docs/configuration.md lists them."""

from __future__ import annotations

import os
from pathlib import Path

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
# `make run TLS=1`; in production TLS ends at a proxy.
certfile = os.environ.get("REVLOG_TLS_CERTIFICATE") or None
keyfile = os.environ.get("REVLOG_TLS_KEY") or None
workers = int(os.environ.get("REVLOG_WEB_WORKERS") or 2)
# Threads, since a request mostly waits for PostgreSQL; each keeps a connection of its own.
worker_class = "gthread"
threads = int(os.environ.get("REVLOG_WEB_THREADS") or 4)
timeout = 60
graceful_timeout = 4
keepalive = 5
# A leak is given back before it is felt; the spread keeps workers from restarting together.
max_requests = 5000
max_requests_jitter = 500
# The workers' heartbeat is a file; on a busy disk a slow write would look like a dead worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK) else None  # noqa: S108
# Its default place is under the home folder, which an account of a service need not have.
control_socket_disable = True
accesslog = None
errorlog = "-"
# Each visitor who doesn't trust our certificate yet is a warning, several times a page.
loglevel = os.environ.get("REVLOG_WEB_LOG_LEVEL") or ("error" if certfile else "warning")
