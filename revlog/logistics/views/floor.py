"""The acts of scanning off that aren't scans: buttons, photos, the signature. Each says in its fields what it is about."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from revlog.accounts.access import allow
from revlog.common.errors import NotFound, Reason
from revlog.logistics import scanoff
from revlog.logistics.models import Carrier, DeliveryStatus
from revlog.logistics.services import scanning_off, signing_off
from revlog.logistics.services.scanning_off import UnableToScanOff
from revlog.scanning.acts import at_floor
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here


def _text(request: HttpRequest, name: str, most: int = 200) -> str:
    return "".join(letter for letter in request.POST.get(name, "")[:2000] if letter.isprintable()).strip()[:most]


@allow("logistics.handover")
@require_POST
@at_floor
def begin(request: HttpRequest, here: Here) -> Answer:
    """A parcel scanned outside of the job, or a number nobody knows with its carrier chosen: the job begins with it."""
    carrier = None
    if code := _text(request, "carrier"):
        carrier = Carrier.objects.filter(code=code, active=True).first()
        if carrier is None:
            raise NotFound(Reason("carrier", _("There is no such carrier.")))
    here.keep(job=scanoff.JOB)
    if (delivery := scanoff.at_hand(here)) is not None and carrier is None:
        return scanoff.to_scan(here, delivery, [_text(request, "tracking")])
    return scanoff.begun(here, [_text(request, "tracking")], carrier=carrier)


@allow("logistics.handover")
@require_POST
@at_floor
def join(request: HttpRequest, here: Here) -> Answer:
    """A second person scans the same truck off, or the first goes on at another tablet."""
    delivery = scanoff.numbered(here, _text(request, "delivery"))
    if delivery.status != DeliveryStatus.OPEN:
        raise UnableToScanOff(Reason("ended", _("Delivery %s is signed and closed.") % delivery.number))
    return scanoff.joined(here, delivery)


@allow("logistics.handover")
@require_POST
@at_floor
def take(request: HttpRequest, here: Here) -> Answer:
    """A parcel that this truck wasn't to bring is for us all the same."""
    delivery = scanoff.numbered(here, _text(request, "delivery"))
    return scanoff.to_scan(here, delivery, [_text(request, "tracking")], anyway=True)


@allow("logistics.handover")
@require_POST
@at_floor
def damaged(request: HttpRequest, here: Here) -> Answer:
    return scanoff.damaged(here, scanoff.numbered(here, _text(request, "delivery")), _text(request, "tracking"))


@allow("logistics.handover")
@require_POST
@at_floor
def photo(request: HttpRequest, here: Here) -> Answer:
    delivery = scanoff.numbered(here, _text(request, "delivery"))
    line = scanning_off.photograph(
        delivery, _text(request, "tracking"), request.FILES.get("photo"), by=here.by, at=here.at
    )
    return scanoff.photographed(delivery, line)


@allow("logistics.handover")
@require_POST
@at_floor
def sign(request: HttpRequest, here: Here) -> Answer:
    return scanoff.to_sign(here, scanoff.numbered(here, _text(request, "delivery")))


@allow("logistics.handover")
@require_POST
@at_floor
def end(request: HttpRequest, here: Here) -> Answer:
    delivery = scanoff.numbered(here, _text(request, "delivery"))
    ended = signing_off.end(
        delivery,
        signature=request.POST.get("signature", ""),
        signed_by=_text(request, "signed_by", 120),
        unsigned_why=_text(request, "unsigned_why"),
        by=here.by,
        at=here.at,
    )
    return scanoff.ended(here, ended)
