"""Behind TLS, on real services; every address is told, none is guessed."""

from __future__ import annotations

from revlog.settings import env
from revlog.settings.base import *  # noqa: F403

ALLOWED_HOSTS = env.listed("REVLOG_ALLOWED_HOSTS")
if not ALLOWED_HOSTS:
    raise env.BadEnvironment("REVLOG_ALLOWED_HOSTS is not set; name the hosts that this install answers to.")
env.text("REVLOG_BASE_URL")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
DEMO = env.flag("REVLOG_DEMO", default=False)
