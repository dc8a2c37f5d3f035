"""For the checkers (types, templates, schema): no service is reached, none is needed."""

from __future__ import annotations

import os

os.environ.setdefault("DATABASE_URL", "postgresql://nobody@localhost/nothing")
os.environ.setdefault("REDIS_URL", "unix:///nothing")
os.environ.setdefault("REVLOG_SECRET_KEY", "only for checks")

from revlog.settings.base import *  # noqa: F403
