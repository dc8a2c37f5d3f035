"""Asking for a chain-of-custody report: a fact, which a worker answers with the document."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from itad import facts
from revlog.accounts.actors import Actor
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.devices.services import moves


@transaction.atomic
def ask(*, unit: Device, language: str, by: Actor, at: datetime) -> Entry:
    """Ask for the report on a unit, up to now. Whoever may read documents may ask. Raises NotAllowed."""
    if not by.may("documents.view"):
        raise NotAllowed(_("this needs the right to see certificates and reports"))
    device = moves.take_one(unit.id)
    known = language if language in dict(settings.LANGUAGES) else "en"
    return moves.note(device, fact=facts.CustodyReportAsked(language=known), by=by, at=at)
