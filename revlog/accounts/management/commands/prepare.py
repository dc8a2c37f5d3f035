"""`manage.py prepare`: the stable organizations and hubs, and in a demo its people. Says nothing when there is nothing to do."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from typing_extensions import override

from revlog.accounts.services import preparing
from revlog.common import clock


class Command(BaseCommand):
    help = "Add the stable organizations and hubs, and in a demo its people; safe to run at every start."

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        done = preparing.prepare(
            at=clock.now(), demo=settings.DEMO, password=os.environ.get("REVLOG_DEMO_PASSWORD", "")
        )
        if done:
            self.stdout.write(f"Added {done.organizations} organizations, {done.hubs} hubs and {done.people} people.")
