"""The tests: the real engine and broker, under var/test; everyday tests run as the owner, since flushing needs TRUNCATE."""

from __future__ import annotations

import os

from revlog.settings import env

os.environ.setdefault("REVLOG_VAR", "var/test")
os.environ.setdefault("REVLOG_LOG_LEVEL", "WARNING")
os.environ.setdefault("REVLOG_EMBEDDED_DURABLE", "0")

import revlog.embedded

revlog.embedded.attach()

from revlog.settings.base import *  # noqa: E402, F403
from revlog.settings.base import DATABASES, STATIC_ROOT  # noqa: E402

# As after collectstatic; it is empty, and pages name the files as they are called in the tree.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
DATABASES["default"] = env.database(env.text("DATABASE_OWNER_URL")) | {"CONN_MAX_AGE": 0}
APPLICATION_DATABASE = env.database(env.text("DATABASE_URL"))
DEMO = True
WAKE_WORKERS = False  # the tests drain reactions themselves; tests of real processes run under the settings of make run
# Argon2 is slow on purpose; the tests check that it is configured, not its speed.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
