"""As little Django as an API needs; the same database server, its own tables."""

from __future__ import annotations

import os

from revlog.settings import env

SECRET_KEY = "only measured"  # noqa: S105
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["rest_framework", "benchmarks.bare.app"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.bare.app.urls"
DATABASES = {"default": env.database(os.environ["BARE_DATABASE_URL"]) | {"CONN_MAX_AGE": 600}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
