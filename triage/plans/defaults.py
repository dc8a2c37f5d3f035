"""The house test plan: a starting point of the trade, not a norm. An operator publishes its own as rules of the same shape.

Before the wipe nothing runs that starts what the owner stored: a test uses the maker's own menus or a boot medium of ours. Phones,
tablets and network devices have only their owner's system to start, so that most of their tests wait for the reset.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_noop as _

VERSION = "2026-1"

COMPUTERS = ("laptop", "desktop", "server")
HAND = ("phone", "tablet")
POWERED = (
    "laptop", "desktop", "server", "phone", "tablet", "monitor", "printer", "network", "medical", "appliance", "accessory", "other",
)  # fmt: skip
BATTERIES = ("laptop", "phone", "tablet", "medical")


def _test(
    code: str,
    classes: Sequence[str],
    title: str,
    how: str,
    *,
    seconds: int,
    faults: Sequence[str],
    wipe: str = "before",
    reports: Sequence[str] = (),
    needs: str = "",
    only: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    fits: dict[str, Any] = {"fact": "device_class", "op": "in", "value": list(classes)}
    then: dict[str, Any] = {"title": title, "seconds": seconds, "wipe": wipe, "faults": list(faults)}
    if reports:
        then["reports"] = list(reports)
    if needs:
        then["needs"] = needs
    return {"id": code, "when": {"all": [fits, *only]} if only else fits, "then": then, "why": how}


_NOT_SERVED = {"not": {"fact": "features", "op": "contains", "value": "no_battery"}}
TESTS: list[dict[str, Any]] = [
    _test(
        "danger",
        (*POWERED, "storage", "part"),
        _("No danger"),
        _("Look before you connect it: battery flat, nothing leaks, nothing burnt, no liquid, no blood or mold."),
        seconds=20,
        faults=["battery_swollen", "battery_leaking", "burnt", "liquid", "contaminated"],
    ),
    _test(
        "power",
        POWERED,
        _("Switches on"),
        _(
            "Connect its supply and switch it on. Stop at the maker's sign or the lock screen: nobody's files are opened."
        ),
        seconds=60,
        faults=["no_power", "does_not_work"],
        reports=["report"],
    ),
    _test(
        "charging",
        BATTERIES,
        _("Battery and charging"),
        _("It runs without its supply, and it charges."),
        seconds=120,
        faults=["battery", "battery_worn", "battery_missing"],
        reports=["battery"],
        needs="power",
        only=[_NOT_SERVED],
    ),
    _test(
        "display",
        ("laptop", "phone", "tablet", "monitor", "medical"),
        _("Screen"),
        _("Look at a white, a grey and a black picture for ten seconds each: lines, spots, dead pixels, burn-in."),
        seconds=60,
        faults=["display", "pixels"],
        reports=["display"],
        needs="power",
    ),
    _test(
        "stress",
        COMPUTERS,
        _("Runs under load"),
        _("Start our own boot medium and load it: it doesn't stop, and doesn't throttle at once."),
        seconds=600,
        faults=["stress"],
        reports=["stress"],
        needs="power",
    ),
    _test(
        "memory",
        COMPUTERS,
        _("Memory"),
        _("One pass of the memory test from our own boot medium."),
        seconds=900,
        faults=["memory"],
        reports=["memory"],
        needs="power",
    ),
    _test(
        "drive",
        (*COMPUTERS, "storage"),
        _("What the drive says of itself"),
        _("Read its own health record; this reads nothing that is stored."),
        seconds=60,
        faults=["drive_failing", "drive_dead"],
        reports=["drive"],
        only=[{"not": {"fact": "features", "op": "contains", "value": "no_drive"}}],
    ),
    _test(
        "keyboard",
        ("laptop",),
        _("Keyboard"),
        _("Press every key once, in the maker's menu or on our own boot medium."),
        seconds=90,
        faults=["keyboard"],
        reports=["keyboard"],
        needs="power",
    ),
    _test(
        "trackpad",
        ("laptop",),
        _("Trackpad"),
        _("Move, tap, and press both sides."),
        seconds=30,
        faults=["trackpad"],
        reports=["trackpad"],
        needs="power",
    ),
    _test(
        "hinge",
        ("laptop",),
        _("Hinges"),
        _("Open it to a right angle: the lid stays, and nothing creaks or wobbles."),
        seconds=15,
        faults=["hinge"],
        reports=["hinge"],
    ),
    _test(
        "ports",
        ("laptop", "desktop", "server", "phone", "tablet", "monitor", "printer", "network", "medical"),
        _("Ports"),
        _("Plug something into each: it holds, and it is seen."),
        seconds=90,
        faults=["port"],
        reports=["port", "ports"],
        needs="power",
    ),
    _test(
        "fan",
        COMPUTERS,
        _("Fans"),
        _("They turn, and nothing grinds or howls."),
        seconds=30,
        faults=["fan"],
        reports=["fan"],
        needs="power",
    ),
    _test(
        "sound",
        ("laptop", "desktop", "medical"),
        _("Sound"),
        _("Play the test sound of our own boot medium or the device's own menu."),
        seconds=30,
        faults=["audio"],
        reports=["audio"],
        needs="power",
    ),
    _test(
        "camera",
        ("laptop",),
        _("Camera"),
        _("Take a picture from our own boot medium."),
        seconds=30,
        faults=["camera"],
        reports=["camera"],
        needs="power",
    ),
    _test(
        "radio",
        COMPUTERS,
        _("Network and radio"),
        _("Cable, Wi-Fi and Bluetooth are found from our own boot medium."),
        seconds=60,
        faults=["connectivity"],
        reports=["connectivity"],
        needs="power",
    ),
    _test(
        "locks",
        (*COMPUTERS, *HAND),
        _("Locks"),
        _("No firmware password, no account, company or finder lock, not on a list of stolen things."),
        seconds=60,
        faults=["locked", "firmware_password", "reported_stolen"],
        reports=["locks"],
        needs="power",
    ),
    _test(
        "prints",
        ("printer",),
        _("Prints its own test page"),
        _("From its own menu, in every colour: no stripes, no gaps."),
        seconds=120,
        faults=["prints_badly"],
        needs="power",
    ),
    _test(
        "self_test",
        ("medical",),
        _("Self-test and alarm"),
        _("It runs its own self-test without an error, and its alarm is heard and seen."),
        seconds=180,
        faults=["does_not_work"],
        needs="power",
    ),
    _test(
        "safe",
        ("appliance",),
        _("Safe to use"),
        _("No bare wire, no cracked plug, no water where current is."),
        seconds=60,
        faults=["burnt", "liquid", "crack"],
    ),
    _test(
        "complete",
        (*POWERED, "storage"),
        _("Everything is with it"),
        _("Its cover, screws and feet, its charger or cable, and what else belongs to it."),
        seconds=30,
        faults=["part_missing", "power_adapter"],
        reports=["parts"],
    ),
    _test(
        "touch",
        HAND,
        _("Touch"),
        _(
            "Draw over the whole screen: no dead stripe. It needs the home screen, which is its owner's until the reset."
        ),
        seconds=45,
        faults=["touch"],
        wipe="after",
        reports=["touch"],
        needs="power",
    ),
    _test(
        "camera_app",
        HAND,
        _("Cameras"),
        _("A picture with each camera, in its own app. The app shows its owner's pictures until the reset."),
        seconds=45,
        faults=["camera"],
        wipe="after",
        reports=["camera"],
        needs="power",
    ),
    _test(
        "call",
        HAND,
        _("Call, sound and radio"),
        _("A test call with our SIM, both speakers, the microphone, Wi-Fi and Bluetooth."),
        seconds=120,
        faults=["connectivity", "audio"],
        wipe="after",
        reports=["connectivity"],
        needs="power",
    ),
    _test(
        "links",
        ("network",),
        _("Links and throughput"),
        _("Each port carries traffic. Its owner's configuration would come up with it, so this waits for the reset."),
        seconds=300,
        faults=["connectivity"],
        wipe="after",
        reports=["connectivity"],
        needs="power",
    ),
    _test(
        "surface",
        (*COMPUTERS, "storage"),
        _("The whole drive"),
        _("Write and read every part of it. Before the wipe this would change what has to be proved erased."),
        seconds=3600,
        faults=["drive_failing"],
        wipe="after",
        reports=["surface"],
        only=[{"not": {"fact": "features", "op": "contains", "value": "no_drive"}}],
    ),
    _test(
        "setup",
        ("laptop", "desktop", *HAND),
        _("Sets itself up"),
        _("Start it up to its first page: it asks for a language, not for somebody's account or company."),
        seconds=300,
        faults=["locked", "bios"],
        wipe="after",
        needs="power",
    ),
    _test(
        "no_patients",
        ("medical",),
        _("Knows no patient"),
        _("Its lists of patients and records are empty after the reset, and it works as before."),
        seconds=120,
        faults=["does_not_work"],
        wipe="after",
        needs="power",
    ),
]
TEST_PLAN: dict[str, Any] = {"mode": "collect", "rules": TESTS}

_CLASS_IS = {"fact": "device_class", "op": "in"}
_DEAR = {"fact": "value", "op": ">=", "value": {"param": "dear"}}
PHOTOS: dict[str, Any] = {
    "mode": "collect",
    "parameters": {"dear": "1000.00"},
    "rules": [
        {
            "id": "crack",
            "when": {"fact": "defect", "op": "==", "value": "crack"},
            "then": {"of": "defect"},
            "why": _("A crack is shown, wherever it is."),
        },
        {
            "id": "severe",
            "when": {
                "all": [
                    {"fact": "axis", "op": "==", "value": "cosmetic"},
                    {"fact": "severity", "op": "==", "value": "critical"},
                ]
            },
            "then": {"of": "defect"},
            "why": _("Severe damage is shown."),
        },
        {
            "id": "dear_hand",
            "when": {"all": [_CLASS_IS | {"value": ["phone", "tablet"]}, _DEAR]},
            "then": {"of": "faces", "faces": ["front", "back"]},
            "why": _("What is dear is shown from both sides."),
        },
        {
            "id": "dear_laptop",
            "when": {"all": [_CLASS_IS | {"value": ["laptop"]}, _DEAR]},
            "then": {"of": "faces", "faces": ["lid", "screen"]},
            "why": _("What is dear is shown closed and open."),
        },
        {
            "id": "dear_other",
            "when": {"all": [_CLASS_IS | {"value": ["server", "desktop", "medical", "network"]}, _DEAR]},
            "then": {"of": "faces", "faces": ["front"]},
            "why": _("What is dear is shown."),
        },
    ],
}
