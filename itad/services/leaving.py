"""The ways out that ITAD owns: given away, or sent out to work under contract."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from itad import facts
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.devices.models import Device
from revlog.devices.services import moves, standing


class UnableToLeave(DomainError):
    """The unit can't leave in this way."""

    code = "unable_to_leave"


def reasons_against_donating(device: Device, *, by: Actor) -> list[Reason]:
    reasons = moves.reasons_against(device, moves.DONATE)
    if not by.may("itad.donate"):
        reasons.append(Reason("not_allowed", _("this needs the right to donate units")))
    return reasons


@transaction.atomic
def donate(
    *, unit: Device, to: str, organization: Organization | None = None, reference: str = "", by: Actor, at: datetime
) -> Device:
    """Give a unit away; its visit ends. ``to`` names the organization that gets it, never a person; title passes to it when it is known
    here. Raises NotAllowed, BadInput, UnableToMove."""
    if not by.may("itad.donate"):
        raise NotAllowed(_("this needs the right to donate units"))
    name = (organization.name if organization else to).strip()
    if not name:
        raise BadInput(Reason("no_receiver", _("Say which organization gets it."), "to"))
    device = moves.take_one(unit.id)
    moves.advance(
        device,
        moves.DONATE,
        fact=facts.Donated(to=name[:120], reference=reference.strip()[:60] or None),
        by=by,
        at=at,
        set={"location_id": None},
    )
    if organization is not None:
        standing.pass_title(device, organization, by=by, at=at)
    return device


def reasons_against_deploying(device: Device, *, by: Actor) -> list[Reason]:
    reasons = moves.reasons_against(device, moves.DEPLOY)
    if not by.may("itad.deploy"):
        reasons.append(Reason("not_allowed", _("this needs the right to send units out under contract")))
    return reasons


@transaction.atomic
def deploy(*, unit: Device, site: str, reference: str, by: Actor, at: datetime) -> Device:
    """Send a unit out to work at a site under contract; it stays on our books and comes back. Raises NotAllowed, BadInput, UnableToMove."""
    if not by.may("itad.deploy"):
        raise NotAllowed(_("this needs the right to send units out under contract"))
    problems = []
    if not site.strip():
        problems.append(Reason("no_site", _("Say at which site it will work."), "site"))
    if not reference.strip():
        problems.append(Reason("no_reference", _("Say under which contract or order."), "reference"))
    if problems:
        raise BadInput(problems)
    device = moves.take_one(unit.id)
    moves.advance(
        device,
        moves.DEPLOY,
        fact=facts.Deployed(site=site.strip()[:120], reference=reference.strip()[:60]),
        by=by,
        at=at,
        set={"location_id": None},
    )
    return device
