"""Teams and shifts of a site: who belongs together, and when which part of the day begins."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, time

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from reporting.models import Shift, Team, TeamMember
from revlog.accounts import permissions
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Membership, User
from revlog.accounts.services import trail
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed, Reason


def _may(by: Actor, hub: Hub) -> None:
    if not by.may("reporting.shifts"):
        raise NotAllowed(
            Reason("not_allowed", _("This needs the right to %s.") % permissions.sentence("reporting.shifts"))
        )
    if not hub.is_worked_by(by):
        raise NotAllowed(Reason("foreign_hub", _("%s is not your site.") % hub.name))


def _named(name: str, most: int) -> str:
    bare = " ".join(name.split())
    if not bare or len(bare) > most:
        raise BadInput(Reason("name", _("A name has 1 to %s letters.") % most, "name"))
    return bare


def keep_team(*, hub: Hub, name: str, by: Actor, at: datetime) -> Team:
    """A team of that name, made or taken up again. Raises BadInput, NotAllowed."""
    _may(by, hub)
    with transaction.atomic():
        team, _new = Team.objects.update_or_create(hub=hub, name=_named(name, 60), defaults={"active": True})
        trail.note(act="team.kept", organization=hub.organization, subject=f"team:{team.pk}", by=by, at=at)
    return team


def end_team(team: Team, *, by: Actor, at: datetime) -> Team:
    """End a team: its people are in none then."""
    _may(by, team.hub)
    with transaction.atomic():
        team.members.all().delete()
        team.active = False
        team.save(update_fields=["active"])
        trail.note(act="team.ended", organization=team.hub.organization, subject=f"team:{team.pk}", by=by, at=at)
    return team


def people_of(hub: Hub) -> list[User]:
    """Who works at a site, by name."""
    there = Membership.objects.in_force(clock.now().date()).filter(
        Q(hub=hub) | Q(hub=None), organization=hub.organization_id
    )
    return list(User.objects.filter(pk__in=there.values("user"), is_active=True).order_by("name"))


def place(*, hub: Hub, teams: Mapping[uuid.UUID, Team | None], by: Actor, at: datetime) -> int:
    """Put people into teams, or (None) into none; those who aren't named stay where they are. Returns how many changed."""
    _may(by, hub)
    known = {user.pk for user in people_of(hub)}
    strange = [team for team in teams.values() if team is not None and (team.hub_id != hub.pk or not team.active)]
    if not set(teams) <= known or strange:
        raise BadInput(Reason("strange", _("That person or team isn't of %s.") % hub.name, "team"))
    with transaction.atomic():
        before = dict(TeamMember.objects.filter(hub=hub).values_list("user_id", "team_id"))
        changed = {user: team for user, team in teams.items() if before.get(user) != (team.pk if team else None)}
        TeamMember.objects.filter(hub=hub, user__in=changed).delete()
        TeamMember.objects.bulk_create(
            [TeamMember(hub=hub, user_id=user, team=team) for user, team in changed.items() if team is not None]
        )
        for user in changed:
            trail.note(act="team.placed", organization=hub.organization, subject=f"user:{user}", by=by, at=at)
    return len(changed)


def keep_shift(*, hub: Hub, name: str, begins: time, ends: time, by: Actor, at: datetime) -> Shift:
    """A shift of that name with these times. Raises BadInput, NotAllowed."""
    _may(by, hub)
    if begins == ends:
        raise BadInput(Reason("no_time", _("A shift ends at another time than it begins."), "ends"))
    try:
        with transaction.atomic():
            shift, _new = Shift.objects.update_or_create(
                hub=hub, name=_named(name, 40), defaults={"begins": begins, "ends": ends, "active": True}
            )
            trail.note(act="shift.kept", organization=hub.organization, subject=f"shift:{shift.pk}", by=by, at=at)
    except IntegrityError as error:
        raise BadInput(Reason("again", _("Somebody set up a shift of that name just now."), "name")) from error
    return shift


def end_shift(shift: Shift, *, by: Actor, at: datetime) -> Shift:
    _may(by, shift.hub)
    with transaction.atomic():
        shift.active = False
        shift.save(update_fields=["active"])
        trail.note(act="shift.ended", organization=shift.hub.organization, subject=f"shift:{shift.pk}", by=by, at=at)
    return shift
