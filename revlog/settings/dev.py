"""`make run` on one's own machine: the embedded services, the demo, plain http (or with TLS=1 a certificate of our own)."""

from __future__ import annotations

from revlog.settings import env
from revlog.settings.base import *  # noqa: F403

DEBUG = env.flag("REVLOG_DEBUG", default=False)
DEMO = env.flag("REVLOG_DEMO", default=True)
# Links in mails, labels and QR codes lead to this machine.
BASE_URL = env.text("REVLOG_BASE_URL", f"http://127.0.0.1:{env.text('PORT', '8000')}").rstrip("/")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
# An account that nobody has, so that the demo's customers read where to pay.
SEPA_IBAN = env.text("REVLOG_SEPA_IBAN", "NL91 ABNA 0417 1643 00")
# Of the numbers that GS1 gives out as examples.
GS1_PREFIX = env.text("REVLOG_GS1_PREFIX", "9504000")
# A printer of one's own machine can be tried out.
PRINTERS_NETWORKS = env.listed("REVLOG_PRINTERS_NETWORKS", "127.0.0.0/8")
PAYMENT_ACCOUNT = env.text("REVLOG_PAYMENT_ACCOUNT", "NL91 ABNA 0417 1643 00")
