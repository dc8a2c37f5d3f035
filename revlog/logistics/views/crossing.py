"""The acts of loading and taking in that aren't scans: buttons, photos, the signature. Each says in its fields what it is about."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from revlog.accounts.access import allow
from revlog.common.errors import NotFound, Reason
from revlog.logistics import crossing
from revlog.logistics.models import Cargo, Discrepancy, Transfer
from revlog.logistics.services.transfers import accepting, releasing
from revlog.scanning.acts import at_floor
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here


def text(request: HttpRequest, name: str, most: int = 200) -> str:
    return "".join(letter for letter in request.POST.get(name, "")[:2000] if letter.isprintable()).strip()[:most]


def key(request: HttpRequest, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(text(request, name))
    except ValueError:
        raise NotFound(Reason("not_found", _("There is no such thing."))) from None


@allow("logistics.handover")
@require_POST
@at_floor
def join(request: HttpRequest, here: Here) -> Answer:
    """Load, or take in, this transfer: chosen by a button, or a second person joins."""
    job = crossing.IN if text(request, "job") == crossing.IN else crossing.OUT
    return crossing.joined(here, job, crossing.numbered(here, text(request, "transfer")))


@allow("logistics.handover")
@require_POST
@at_floor
def load(request: HttpRequest, here: Here) -> Answer:
    """Take along what isn't on the list."""
    return crossing.load(here, crossing.numbered(here, text(request, "transfer")), text(request, "thing"), anyway=True)


@allow("logistics.handover")
@require_POST
@at_floor
def unload(request: HttpRequest, here: Here) -> Answer:
    rows = Cargo.objects.filter(transfer__in=Transfer.objects.visible_to(here.by)).select_related(
        "transfer__origin", "transfer__destination", "transfer__receiver"
    )
    cargo = rows.filter(pk=key(request, "cargo")).first()
    if cargo is None:
        raise NotFound(Reason("not_found", _("There is no such thing.")))
    transfer = cargo.transfer
    done = releasing.unload(cargo, by=here.by, at=here.at)
    done.transfer = transfer
    return crossing.unloaded(here, done)


@allow("logistics.handover")
@require_POST
@at_floor
def sign(request: HttpRequest, here: Here) -> Answer:
    return crossing.to_sign(here, crossing.numbered(here, text(request, "transfer")))


@allow("logistics.handover")
@require_POST
@at_floor
def release(request: HttpRequest, here: Here) -> Answer:
    transfer = crossing.numbered(here, text(request, "transfer"))
    made = releasing.release(
        transfer,
        signature=request.POST.get("signature", ""),
        signed_by=text(request, "signed_by", 120),
        unsigned_why=text(request, "unsigned_why"),
        by=here.by,
        at=here.at,
    )
    return crossing.released(here, transfer, made)


@allow("logistics.handover")
@require_POST
@at_floor
def broken(request: HttpRequest, here: Here) -> Answer:
    """The seal isn't as it was: the container is taken in all the same."""
    transfer = crossing.numbered(here, text(request, "transfer"))
    return crossing.take_in(here, transfer, text(request, "thing"), broken=True)


@allow("logistics.handover")
@require_POST
@at_floor
def over(request: HttpRequest, here: Here) -> Answer:
    """It came with this truck, and nobody here knows its number."""
    return crossing.take_in(here, crossing.numbered(here, text(request, "transfer")), text(request, "thing"))


@allow("logistics.handover")
@require_POST
@at_floor
def damaged(request: HttpRequest, here: Here) -> Answer:
    return crossing.damaged(here, crossing.numbered(here, text(request, "transfer")), text(request, "thing"))


@allow("logistics.handover")
@require_POST
@at_floor
def photo(request: HttpRequest, here: Here) -> Answer:
    rows = Discrepancy.objects.filter(shipment__consignment__transfer__in=Transfer.objects.visible_to(here.by))
    row = (
        rows.select_related("shipment__consignment__transfer__destination")
        .filter(pk=key(request, "discrepancy"))
        .first()
    )
    if row is None:
        raise NotFound(Reason("not_found", _("There is no such thing.")))
    accepting.photograph(row, request.FILES.get("photo"), by=here.by, at=here.at)
    return crossing.photographed(row)


@allow("logistics.handover")
@require_POST
@at_floor
def close(request: HttpRequest, here: Here) -> Answer:
    return crossing.closed(here, crossing.numbered(here, text(request, "transfer")))


@allow("logistics.handover")
@require_POST
@at_floor
def accept(request: HttpRequest, here: Here) -> Answer:
    """Signed for at the other end: the shipment is taken in."""
    return crossing.taken_over(
        here,
        crossing.numbered(here, text(request, "transfer")),
        signature=request.POST.get("signature", ""),
        signed_by=text(request, "signed_by", 120),
        unsigned_why=text(request, "unsigned_why"),
    )
