"""The sums of a unit as a page tells them: the proposal in three sentences, then every path with its lines. From plain data alone,
so that what is reckoned now and what a decision kept look the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from revlog.common import words
from revlog.common.templatetags.ui import money as shown
from revlog.common.words import word

Row = Mapping[str, Any]
BAR = Decimal(100)
"""A drawing of 100 by 8: the bars of the paths share one zero."""
NOTES = {
    "on_hand": gettext_lazy("from stock"),
    "to_buy": gettext_lazy("to buy"),
    "short": gettext_lazy("short in store"),
}


def told(paths: Sequence[Row], beside: Row, inputs: Row, *, chosen: str) -> dict[str, Any]:
    """What the page shows: ``paths`` that are weighed, ``others`` that need somebody's word, ``shut`` ones, and what stands beside."""
    bars = _bars(paths, chosen=chosen)
    weighed = [bar for bar, path in zip(bars, paths, strict=True) if not path["against"] and path.get("weighed", True)]
    others = [
        bar for bar, path in zip(bars, paths, strict=True) if not path["against"] and not path.get("weighed", True)
    ]
    return {
        "paths": weighed,
        "others": others,
        "shut": [bar for bar in bars if bar["against"]],
        "sentences": sentences(paths, beside, inputs, chosen=chosen) if chosen else [],
        "steps": [step(each, inputs, paths) for each in beside.get("steps", ())],
        "exceptions": [_exception(each) for each in beside.get("exceptions", ())],
    }


# The proposal in sentences --------------------------------------------------------------------------------------------------------------


def sentences(paths: Sequence[Row], beside: Row, inputs: Row, *, chosen: str) -> list[str]:
    """What is proposed, why it and no other, and what it takes."""
    path = next((each for each in paths if each["path"] == chosen), None)
    if path is None:
        return []
    return [each for each in (_what(path), _why(path, paths, beside, inputs), _takes(path)) if each]


def way_of(path: Row) -> str:
    """A path in words, with the grade and the channel by which it is gone."""
    name = capfirst(word(f"disposition.{path['path']}"))
    if path.get("target"):
        name = _("%(path)s, to grade %(grade)s") % {"path": name, "grade": path["target"]}
    if path.get("channel") and path["path"] != "LOT":
        name = _("%(path)s (%(channel)s)") % {"path": name, "channel": word(f"channel.{path['channel']}")}
    return str(name)


def _what(path: Row) -> str:
    money = _money(path["net"], path)
    values = {"way": way_of(path), "money": money, "days": path.get("days", 0)}
    if path.get("low") is not None and path.get("high") is not None:
        values |= {"low": _money(path["low"], path), "high": _money(path["high"], path)}
        return _("%(way)s: %(money)s expected (%(low)s to %(high)s), in about %(days)s days.") % values
    if path.get("days"):
        return _("%(way)s: %(money)s expected, in about %(days)s days.") % values
    return _("%(way)s: %(money)s expected.") % values


def _why(path: Row, paths: Sequence[Row], beside: Row, inputs: Row) -> str:
    because = beside.get("because", "money")
    if because == "asked":
        return _("Its owner asked for it; nothing else is weighed against that.")
    if because == "contract":
        why = str(inputs.get("contract", {}).get("prefer_why", ""))
        return _("Its owner's contract puts it first: %s") % why
    rest = [each for each in paths if each is not path and not each["against"] and each.get("weighed", True)]
    if not rest:
        return _("No other path is open.")
    most = max(rest, key=lambda each: Decimal(each["net"]))
    less = Decimal(path["net"]) - Decimal(most["net"])
    values = {"other": way_of(most), "money": _money(abs(less), path)}
    if because == "reuse":
        return _("%(other)s would bring %(money)s more; that close, using it again goes first.") % values
    return _("That is %(money)s more than the next: %(other)s.") % values


def _takes(path: Row) -> str:
    minutes = sum(path.get("minutes", {}).values())
    needs: dict[bool, list[str]] = {True: [], False: []}
    for need in path.get("parts", ()):
        needs[need["on_hand"]].append(word(f"part.{need['part']}") if need["part"] else word(need["fault"]))
    said = []
    if minutes:
        said.append(ngettext("%s minute of work", "%s minutes of work", minutes) % minutes)
    if needs[True]:
        said.append(_("from stock: %s") % ", ".join(needs[True]))
    if needs[False]:
        said.append(_("to buy: %s") % ", ".join(needs[False]))
    if said:
        return _("It takes %s.") % "; ".join(said)
    costs = [line for line in path["lines"] if Decimal(line["amount"]) < 0]
    if not costs:
        return ""
    dearest = min(costs, key=lambda line: Decimal(line["amount"]))
    values = {"line": line_word(dearest["what"]), "money": _money(abs(Decimal(dearest["amount"])), path)}
    return _("Its largest cost is %(line)s with %(money)s.") % values


def step(told_of: Row, inputs: Row, paths: Sequence[Row]) -> dict[str, Any]:
    """A repair to a better grade, in a sentence: "Battery and scratches, 27 min, 61 EUR: C becomes A, which brings 38 EUR more."."""
    currency = {"currency": paths[0]["currency"]} if paths else {"currency": "EUR"}
    faults = [word(code) for code in dict.fromkeys(told_of["faults"])]
    values = {
        "faults": capfirst(_(" and ").join([", ".join(faults[:-1]), faults[-1]] if len(faults) > 1 else faults)),
        "minutes": told_of["minutes"],
        "cost": _money(told_of["cost"], currency),
        "grade": inputs.get("grade", "U"),
        "target": told_of["target"],
    }
    lead = _("%(faults)s, %(minutes)s min, %(cost)s: %(grade)s becomes %(target)s") % values
    gain = told_of["gain"]
    tail = ""
    if gain is not None and Decimal(gain) > 0:
        tail = _(", brings %s more than selling it as it is") % _money(gain, currency)
    elif gain is not None:
        tail = _(", brings %s less than selling it as it is") % _money(abs(Decimal(gain)), currency)
    return {
        "sentence": f"{lead}{tail}.",
        "pays": gain is not None and Decimal(gain) > 0,
        "to_buy": not told_of["on_hand"],
        "exact": told_of["exact"],
    }


# Rows -----------------------------------------------------------------------------------------------------------------------------------


def _bars(paths: Sequence[Row], *, chosen: str) -> list[dict[str, Any]]:
    """The paths with the bar of each: from a common zero, drawn in a hundred parts."""
    nets = [Decimal(path["net"]) for path in paths]
    # Drawn to the scale of what is weighed: a path that nobody asked for doesn't make the others small.
    shown_nets = [
        net for path, net in zip(paths, nets, strict=True) if not path["against"] and path.get("weighed", True)
    ]
    low, high = min([Decimal(0), *(shown_nets or nets)]), max([Decimal(0), *(shown_nets or nets)])
    reach = (high - low) or Decimal(1)
    zero = -low / reach * BAR
    return [
        {
            "code": path["path"],
            "name": word(f"disposition.{path['path']}"),
            "way": _by(path),
            "net": path["net"],
            "low": path.get("low"),
            "high": path.get("high"),
            "currency": path["currency"],
            "chosen": path["path"] == chosen,
            "against": [reason["sentence"] for reason in path["against"]],
            "lines": [_line(line) for line in path["lines"]],
            "aside": [_line(line) for line in path.get("aside", ())],
            "ways": [
                {
                    "name": capfirst(_by(way)),
                    "net": way["net"],
                    "against": [reason["sentence"] for reason in way["against"]],
                }
                for way in path.get("others", ())
            ],
            "zero": f"{zero:.2f}",
            "x": f"{start:.2f}",
            "width": f"{max(end - start, Decimal('0.4')):.2f}",
            "loss": net < 0,
        }
        for path, net in zip(paths, nets, strict=True)
        for start, end in [_ends(zero, zero + net / reach * BAR)]
    ]


def _ends(zero: Decimal, at: Decimal) -> tuple[Decimal, Decimal]:
    """Where a bar begins and ends, within the drawing."""
    inside = min(max(at, Decimal(0)), BAR)
    return min(zero, inside), max(zero, inside)


def _by(way: Row) -> str:
    """By which channel, to which grade, and how long it takes."""
    said = []
    if way.get("target"):
        said.append(_("to grade %s") % way["target"])
    if way.get("channel") and way.get("path") != "LOT":
        said.append(word(f"channel.{way['channel']}"))
    if way.get("days"):
        said.append(ngettext("%s day", "%s days", way["days"]) % way["days"])
    return ", ".join(said)


def _line(line: Row) -> dict[str, Any]:
    how = ", ".join(each for each in (line["how"], str(NOTES.get(line.get("note", ""), ""))) if each)
    return {
        "name": line_word(line["what"]),
        "amount": line["amount"],
        "how": how,
        "weight": line["what"].endswith("_kg"),
    }


def _exception(each: Row) -> dict[str, Any]:
    return {
        "name": word(each["kind"]),
        "net": each["net"],
        "currency": each["currency"],
        "needs": each["needs"],
        "against": [reason["sentence"] for reason in each["against"]],
        "lines": [_line(line) for line in each["lines"]],
        "aside": [_line(line) for line in each["aside"]],
    }


def line_word(what: str) -> str:
    return str(word(f"line.{what}" if words.known(f"line.{what}") else what))


def _money(amount: object, row: Row) -> str:
    return str(shown(Decimal(str(amount)), row["currency"]))
