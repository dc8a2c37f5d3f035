"""Taking an act back within half a minute: what was offered comes back signed, and the verb that knows it does the rest."""

from __future__ import annotations

from django.core import signing
from django.utils.translation import gettext as _

from revlog.common.errors import BadInput, NotFound, Reason
from revlog.scanning import answers, registry
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here


def take_back(here: Here, token: str) -> Answer:
    """Undo what ``token`` offered. Raises BadInput when its time is over, and whatever its verb refuses."""
    try:
        told = answers.undone(token, pending=here.act.pending if here.act is not None else 0)
    except signing.BadSignature:
        raise BadInput(
            Reason("too_late", _("It is too late to undo that. Scan the thing and do what is right now."))
        ) from None
    verb = registry.UNDOING.get(told.get("name", ""))
    if verb is None:
        raise NotFound(Reason("unknown", _("That can't be undone.")))
    said = verb(here, told)
    here.keep(undo=None, undo_text=None, undo_at=None)
    return said
