"""A session begins with the first scan of a person at a station, and goes on until they close it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from returns.facts import sessions as facts
from returns.models import Against, ReceivingSession, SessionStatus, VendorReturn
from returns.services.unloading import may_receive
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, Station
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.custody.services import ledger
from revlog.devices.models import Location

PREFIX = "RS"


class UnableToUnpack(DomainError):
    """This can't be done in this session; the sentence says what to do instead."""

    code = "unable_to_unpack"


def open_now(*, hub: Hub, station: Station | None, by: Actor) -> ReceivingSession | None:
    """The session that this person has open at this station."""
    return (
        ReceivingSession.objects.filter(
            opened_by=by.reference, hub=hub, station=station, status=SessionStatus.OPEN.value
        )
        .select_related("hub", "client", "vendor_return", "station", "place")
        .first()
    )


def open_session(
    *,
    hub: Hub,
    station: Station | None = None,
    place: Location | None = None,
    against: str | None = None,
    client: Organization | None = None,
    vendor_return: VendorReturn | None = None,
    by: Actor,
    at: datetime,
) -> tuple[ReceivingSession, bool]:
    """Begin one, or go on with the one that is open; the flag says that it is new. Other than announced returns are named.

    Without ``against`` whatever is open goes on; with it, one that is compared with something else is closed first.
    """
    may_receive(by)
    asked, against = against, Against.RETURNS.value if against is None else against
    found = []
    if against not in Against.values:
        found.append(Reason("against", _("Say what the delivery is compared with."), "against"))
    if (against == Against.MANIFEST) != (client is not None):
        found.append(Reason("client", _("Choose whose units are expected."), "client"))
    if (against == Against.VENDOR) != (vendor_return is not None):
        found.append(Reason("vendor_return", _("Name the return to the vendor that came back."), "vendor_return"))
    if place is not None and place.hub_id != hub.pk:
        found.append(Reason("place", _("That place is at another site."), "place"))
    if found:
        raise BadInput(found)

    def going_on(known: ReceivingSession) -> tuple[ReceivingSession, bool]:
        told = (known.against, known.client, known.vendor_return)
        if asked is not None and told != (against, client, vendor_return):
            raise UnableToUnpack(
                Reason("open", _("You have %s open; close it before you begin another.") % known.number)
            )
        return known, False

    if (known := open_now(hub=hub, station=station, by=by)) is not None:
        return going_on(known)
    row = ReceivingSession(
        id=ids.new(at),
        number=ids.code(PREFIX),
        hub=hub,
        station=station,
        place=place,
        against=against,
        client=client,
        vendor_return=vendor_return,
        opened_by=by.reference,
        opened_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            ledger.begin(
                "receiving",
                row.pk,
                facts.SessionOpened(
                    number=row.number,
                    against=f"against.{against}",
                    station=station.name if station else None,
                    place=place.code if place else None,
                    client=client.code if client else None,
                    vendor_return=vendor_return.number if vendor_return else None,
                ),
                by=by,
                at=at,
                hub=hub.pk,
            )
    except IntegrityError:
        known = open_now(hub=hub, station=station, by=by)
        if known is None:
            raise
        return going_on(known)
    return row, True


def lock(session: uuid.UUID, *, status: SessionStatus = SessionStatus.OPEN) -> ReceivingSession:
    """The session, fresh and locked, before anything else; refused where it isn't open (any more)."""
    row = (
        ReceivingSession.objects.select_for_update(no_key=True, of=("self",))
        .select_related("hub__organization", "client", "vendor_return", "station", "place")
        .get(pk=session)
    )
    if row.status != status:
        raise UnableToUnpack(
            Reason(
                "not_open",
                _("Session %(number)s is %(status)s. Scan RECEIVE to begin a new one.")
                % {"number": row.number, "status": SessionStatus(row.status).label},
            )
        )
    return row
