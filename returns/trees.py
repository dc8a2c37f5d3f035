"""The troubleshooting trees shipped with the code: short, for the faults that most things come back for, and safe.

Each begins with what isn't safe, because nobody is to charge or press a swollen battery. A published version replaces them all.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

from revlog.terms.ruling import Body

YES, NO = _("Yes"), _("No")
WORKS, NOT_YET = _("It works now"), _("Still the same")


def _ask(text: str, **ways: str) -> dict[str, Any]:
    """A question with the answers yes and no; ``also`` ones come between."""
    words = {"yes": YES, "no": NO, "works": WORKS, "same": NOT_YET, **_WORDS}
    return {"text": text, "answers": [{"id": name, "text": words[name], "to": to} for name, to in ways.items()]}


_WORDS = {
    "black": _("It stays black, but makes a sound or vibrates"),
    "lines": _("Lines, spots or flicker"),
    "cracked": _("It is cracked"),
    "touch": _("It doesn't react to touch"),
    "mobile": _("The mobile network"),
    "wifi": _("Wi-Fi or Bluetooth"),
    "start": _("It doesn't start up fully"),
    "slow": _("It crashes or freezes"),
    "update": _("It doesn't update"),
    "days": _("It lasts less than half of what it did"),
    "percent": _("It turns off with charge left"),
    "old": _("About as before"),
}


def _end(end: str, text: str, reason: str = "", wanted: str = "") -> dict[str, Any]:
    return {"end": end, "text": text} | ({"reason": reason} if reason else {}) | ({"wanted": wanted} if wanted else {})


_FIXED = _end("fixed", _("It works again. Nothing has to come back."))
_SAFE = _ask(
    _("Is it swollen, smoking, smelling, or too hot to hold?"),
    yes="swollen",
    no="first",
)
_SWOLLEN = _end(
    "safety",
    _(
        "Stop. Don't charge it, don't press on it, don't send it by post. Put it on stone or tiles, away from what burns. We send a box "
        "made for it, or pick it up."
    ),
    "SWOLLEN_BATTERY",
    "refund",
)


def _tree(name: str, title: str, classes: list[str], reasons: list[str], **nodes: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "when": {
            "all": [
                {"fact": "device_class", "op": "in", "value": classes},
                {"fact": "reason", "op": "in", "value": reasons},
            ]
        },
        "then": {
            "title": title,
            "start": "safe",
            "nodes": {"safe": _SAFE, "swollen": _SWOLLEN, "fixed": _FIXED} | nodes,
        },
    }


def _broken(reason: str, text: str = _("That can't be put right from afar. Let it come back.")) -> dict[str, Any]:
    return _end("return", text, reason, "repair")


HANDHELD = ["phone", "tablet"]

SHIPPED: Body = {
    "mode": "first",
    "rules": [
        _tree(
            "handheld_power",
            _("It doesn't turn on or charge"),
            HANDHELD,
            ["DOA", "POWER"],
            first=_ask(
                _("Charge it for 30 minutes with another cable and another plug. Is there a sign of charging?"),
                yes="press",
                no="clean",
            ),
            clean=_ask(
                _(
                    "Look into the charging socket with a lamp. Take out lint with a wooden toothpick, and charge again."
                ),
                works="fixed",
                same="force",
            ),
            press=_ask(
                _("Leave it charging for 10 minutes, then press the power button."), works="fixed", same="force"
            ),
            force=_ask(
                _("Hold power and volume down together for 20 seconds, until it starts or vibrates."),
                works="fixed",
                black="screen",
                same="broken",
            ),
            screen=_broken("DISPLAY", _("It runs, but the screen stays dark. Let it come back.")),
            broken=_broken("POWER"),
        ),
        _tree(
            "handheld_battery",
            _("The battery doesn't last"),
            HANDHELD,
            ["BATTERY", "OVERHEAT"],
            first=_ask(_("What do you see?"), days="usage", percent="restart", old="usage"),
            usage=_ask(
                _("Open the battery page in the settings. Is one app far above the others?"), yes="app", no="restart"
            ),
            app=_ask(
                _("Update that app or take it off, and use the phone for a day. Is it better?"),
                yes="fixed",
                no="restart",
            ),
            restart=_ask(
                _("Install the newest system update, restart, and charge to 100 % once. Is it better?"),
                yes="fixed",
                no="health",
            ),
            health=_ask(
                _("Does the battery page say that its health is below 80 %, or that it needs service?"),
                yes="worn",
                no="broken",
            ),
            worn=_end("warranty", _("The battery is worn. The guarantee is looked at first."), "BATTERY", "repair"),
            broken=_broken("BATTERY"),
        ),
        _tree(
            "handheld_screen",
            _("Something with the screen"),
            HANDHELD,
            ["DISPLAY"],
            first=_ask(_("What do you see?"), cracked="cracked", lines="restart", touch="film", black="force"),
            film=_ask(
                _("Take off the case and the protective film, dry the screen, and restart it."),
                works="fixed",
                same="broken",
            ),
            restart=_ask(
                _("Restart it and look at the first picture. Are the lines there too?"), yes="broken", no="update"
            ),
            update=_ask(_("Turn off the blue light filter and adaptive brightness."), works="fixed", same="broken"),
            force=_ask(_("Hold power and volume down together for 20 seconds."), works="fixed", same="broken"),
            cracked=_end(
                "return",
                _(
                    "Broken glass is looked at when it is here. Put tape over it before you pack it, so that nobody is cut."
                ),
                "DISPLAY",
                "repair",
            ),
            broken=_broken("DISPLAY"),
        ),
        _tree(
            "handheld_network",
            _("No network"),
            HANDHELD,
            ["CONNECTIVITY"],
            first=_ask(_("What doesn't work?"), mobile="sim", wifi="router"),
            sim=_ask(
                _("Turn flight mode on and off. Take the SIM out and put it back, or try one that works elsewhere."),
                works="fixed",
                same="reset",
            ),
            router=_ask(_("Do other things work in the same Wi-Fi?"), yes="forget", no="provider"),
            provider=_ask(_("Restart the router, and try another Wi-Fi."), works="fixed", same="forget"),
            forget=_ask(_("Let it forget the network, and connect anew."), works="fixed", same="reset"),
            reset=_ask(_("Reset the network settings. Saved passwords are asked again."), works="fixed", same="broken"),
            broken=_broken("CONNECTIVITY"),
        ),
        _tree(
            "handheld_software",
            _("Crashes or won't update"),
            HANDHELD,
            ["SOFTWARE", "INTERMITTENT"],
            first=_ask(_("What happens?"), start="force", slow="space", update="space"),
            force=_ask(_("Hold power and volume down together for 20 seconds."), works="fixed", same="restore"),
            space=_ask(
                _("Make 5 GB of room, connect to Wi-Fi and power, and install the newest update."),
                works="fixed",
                same="restore",
            ),
            restore=_ask(
                _("Save your data first. Then reset it to how it came. Does it work without your apps?"),
                yes="fixed",
                no="broken",
            ),
            broken=_broken("SOFTWARE"),
        ),
        _tree(
            "laptop_power",
            _("It doesn't turn on or charge"),
            ["laptop"],
            ["DOA", "POWER"],
            first=_ask(
                _("Plug its own charger into another socket, without a dock. Is a light on at the charger or laptop?"),
                yes="press",
                no="charger",
            ),
            charger=_ask(
                _("Try another charger with the same plug and at least the same watts."), works="cable", same="press"
            ),
            cable=_end(
                "return",
                _("The charger is broken. The laptop can stay; let the charger come back."),
                "POWER",
                "exchange",
            ),
            press=_ask(
                _("Unplug it and hold the power button for 30 seconds. Plug it in and press the button once."),
                works="fixed",
                black="outside",
                same="broken",
            ),
            outside=_ask(_("Connect a monitor or TV. Is there a picture on it?"), yes="screen", no="broken"),
            screen=_broken("DISPLAY", _("It runs, but its own screen stays dark. Let it come back.")),
            broken=_broken("POWER"),
        ),
        _tree(
            "laptop_battery",
            _("The battery doesn't last"),
            ["laptop"],
            ["BATTERY", "OVERHEAT"],
            first=_ask(
                _("Lower the brightness, close what runs in the background, and choose the saving mode. Is it better?"),
                yes="fixed",
                no="limit",
            ),
            limit=_ask(
                _("Many laptops stop charging at 80 % to spare the battery. Is that set in the maker's program?"),
                yes="unset",
                no="report",
            ),
            unset=_ask(_("Turn the limit off, and charge to 100 %."), works="fixed", same="report"),
            report=_ask(
                _("Look at the battery report. Is the full charge below half of the design capacity?"),
                yes="worn",
                no="broken",
            ),
            worn=_end("warranty", _("The battery is worn. The guarantee is looked at first."), "BATTERY", "repair"),
            broken=_broken("BATTERY"),
        ),
        _tree(
            "laptop_screen",
            _("Something with the screen"),
            ["laptop"],
            ["DISPLAY"],
            first=_ask(_("Connect a monitor or TV. Is the same fault on it?"), yes="driver", no="lid"),
            driver=_ask(_("Update the graphics driver, and restart."), works="fixed", same="broken"),
            lid=_ask(_("Move the lid slowly. Does the picture change?"), yes="broken", no="bright"),
            bright=_ask(
                _("Turn the brightness up with the keys, and the saving mode off."), works="fixed", same="broken"
            ),
            broken=_broken("DISPLAY"),
        ),
        _tree(
            "laptop_network",
            _("No network"),
            ["laptop"],
            ["CONNECTIVITY"],
            first=_ask(_("Is flight mode off, and the Wi-Fi key or switch on?"), yes="others", no="turn"),
            turn=_ask(_("Turn it on, and connect."), works="fixed", same="others"),
            others=_ask(_("Do other things work in the same Wi-Fi?"), yes="driver", no="router"),
            router=_ask(_("Restart the router, and try another Wi-Fi."), works="fixed", same="driver"),
            driver=_ask(
                _("Let the laptop forget the network, restart it, and connect anew."), works="fixed", same="broken"
            ),
            broken=_broken("CONNECTIVITY"),
        ),
        _tree(
            "laptop_software",
            _("Crashes or won't update"),
            ["laptop"],
            ["SOFTWARE", "INTERMITTENT", "STORAGE"],
            first=_ask(_("What happens?"), start="safemode", slow="updates", update="updates"),
            updates=_ask(
                _("Make 20 GB of room, plug it in, and install all updates and drivers."),
                works="fixed",
                same="safemode",
            ),
            safemode=_ask(_("Start it in safe mode. Does it run there?"), yes="restore", no="broken"),
            restore=_ask(
                _("Save your data first. Then reset the system. Does it run without your programs?"),
                yes="fixed",
                no="broken",
            ),
            broken=_broken("SOFTWARE"),
        ),
        _tree(
            "accessory",
            _("It doesn't work"),
            ["accessory"],
            ["DOA", "POWER", "CONNECTIVITY", "PORT", "INTERMITTENT", "AUDIO"],
            first=_ask(_("Try it with another device. Does it work there?"), yes="other", no="clean"),
            other=_ask(
                _("The device is at fault, or doesn't know it. Restart it, and install its updates."),
                works="fixed",
                same="wrong",
            ),
            clean=_ask(
                _("Clean the plug, and try another socket or cable. Charge it for 30 minutes."),
                works="fixed",
                same="broken",
            ),
            wrong=_end("return", _("It doesn't go with that device. Let it come back."), "INCOMPATIBLE", "refund"),
            broken=_end("return", _("It is broken. Let it come back."), "DOA", "exchange"),
        ),
        {
            "id": "not_safe",
            "when": {"fact": "reason", "op": "in", "value": ["SWOLLEN_BATTERY", "BURN"]},
            "then": {
                "title": _("It isn't safe"),
                "start": "stop",
                "nodes": {
                    "stop": _ask(_("Is it swollen, or does it smell or hiss?"), yes="swollen", no="burn"),
                    "swollen": _SWOLLEN,
                    "burn": _end(
                        "safety",
                        _(
                            "Stop. Unplug it, and don't use it again. Let it cool down on stone or tiles. We say how it is packed."
                        ),
                        "BURN",
                        "refund",
                    ),
                },
            },
        },
    ],
}
