from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "revlog.pages"
    label = "pages"
