"""The teams and shifts of the simulated sites, and what yesterday's shifts handed to the next: one taken over, one that waits."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from reporting.models import HandOver, Shift, Team
from reporting.services import handing_over, teams
from revlog.accounts.stable import stable_id
from revlog.pages.simulation.world import World

SHIFTS = (("Early shift", time(6), time(14)), ("Late shift", time(14), time(22)))
TEAMS = {
    "Dock": ("ines", "luca", "katja"),
    "Triage": ("ravi",),
    "Data": ("tomas", "sofia"),
    "Bench": ("jakob", "mei"),
    "Sales": ("anouk", "pavel"),
}
NOTES = {
    "Early shift": "Two trucks of North Freight came together at ten; the second one is scanned off and not unpacked.",
    "Late shift": "The label printer at the bench prints pale. A new ribbon is ordered and comes tomorrow.",
}
POINTS = {
    "Early shift": ("Unpack the pallet at door 3 first", "Ask Vega about the laptop without a list"),
    "Late shift": (
        "Put the new ribbon into the printer at the bench",
        "Tote 1 in the data cage is full: begin tote 2",
        "The driver of Harbour Post comes an hour later",
    ),
}


def prepare(world: World) -> None:
    """Shifts and teams of each site; safe to run again."""
    for hub in world.hubs.values():
        lead = world.aisha if hub.code == "rotterdam" else world.jonas
        if Team.objects.filter(hub=hub).exists() or not hub.is_worked_by(lead):
            continue
        for name, begins, ends in SHIFTS:
            teams.keep_shift(hub=hub, name=name, begins=begins, ends=ends, by=lead, at=world.at)
        there = {one.pk for one in teams.people_of(hub)}
        for name, people in TEAMS.items():
            mine = [pk for pk in (stable_id("user", code) for code in people) if pk in there]
            if mine:
                team = teams.keep_team(hub=hub, name=name, by=lead, at=world.at)
                teams.place(hub=hub, teams=dict.fromkeys(mine, team), by=lead, at=world.at)


def tell(world: World) -> None:
    """Yesterday's early shift was taken over and all but done; the late one waits for today's lead."""
    hub, end = world.hubs["rotterdam"], world.at
    yesterday = end.astimezone(hub.calendar.tz).date() - timedelta(days=1)
    for name, giver, taker in (("Early shift", world.aisha, world.maria), ("Late shift", world.maria, None)):
        shift = Shift.objects.filter(hub=hub, name=name).first()
        if shift is None or HandOver.objects.filter(hub=hub, shift=name, day=yesterday).exists():
            continue
        at = datetime.combine(yesterday, shift.ends, hub.calendar.tz)
        row = handing_over.hand_over(
            hub=hub, shift=shift, day=yesterday, notes=NOTES[name], points=POINTS[name], by=giver, at=at
        )
        if taker is not None:
            handing_over.take_over(row, remark="", by=taker, at=at + timedelta(minutes=12))
            handing_over.tick(row, 1, done=True, by=world.ines, at=at + timedelta(hours=1))
            handing_over.tick(row, 2, done=True, by=taker, at=at + timedelta(hours=2))
