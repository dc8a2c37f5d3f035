"""Who wants to look at a unit in the very act by which it arrives, or by which we learn what it is.

A stage above says ``watch(call)`` when the platform starts; ``seen`` calls it with taken units, inside the transaction of the act. So a
unit that must not go on is stopped before anybody can put it away, whatever door it came in by.

Nobody is called while nobody looks out (``Lookout``). Whether somebody does is read with the units, so that it costs no question.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from revlog.accounts.actors import Actor
from revlog.devices.models import Device, Lookout


class Watch(Protocol):
    def __call__(self, devices: Sequence[Device], *, how: str, by: Actor, at: datetime) -> object: ...


_watches: list[Watch] = []


def watch(call: Watch) -> Watch:
    if call not in _watches:
        _watches.append(call)
    return call


def seen(devices: Sequence[Device], *, how: str, by: Actor, at: datetime) -> None:
    """``how`` is ``dock`` for what arrives, ``report`` for what we learned of a unit that is here."""
    if all(device.looked_for is False for device in devices):
        return
    for call in _watches:
        call(devices, how=how, by=by, at=at)


def look_out(name: str, *, at: datetime) -> None:
    """From now ``name`` wants to be called."""
    Lookout.objects.get_or_create(name=name, defaults={"since": at})


def stop(name: str) -> None:
    Lookout.objects.filter(name=name).delete()
