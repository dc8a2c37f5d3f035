"""docs/journey.md says what the code does, and no queue is nobody's."""

from __future__ import annotations

from django.conf import settings

from revlog.devices.journey import ENDS, OWNERS, State
from revlog.pages import journey


def test_the_document_is_what_the_code_has() -> None:
    written = (settings.ROOT / "docs" / "journey.md").read_text(encoding="utf-8")

    assert written == journey.document(), "run: python manage.py journey_doc --write"


def test_every_queue_is_somebodys() -> None:
    assert {state for state in State if state not in ENDS} == set(OWNERS)
