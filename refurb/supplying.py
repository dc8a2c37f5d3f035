"""What kind of part a stock is, by its name and number, and the answer to those who reckon with what lies on hand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from django.db.models import Exists, OuterRef, Q

from refurb.models import Part, PartStop
from revlog.terms import supplies
from revlog.terms.supplies import Place, Stock

_WORDS = (
    ("power_supply", r"power suppl|psu\b|netzteil"),
    ("charger", r"charger|adapter|ladeger"),
    ("battery", r"batter|akku|accu\b|\bbat\b"),
    ("keyboard", r"keyboard|tastatur|clavier|teclado"),
    ("trackpad", r"trackpad|touchpad"),
    ("camera", r"camera|webcam|kamera|\bcam\b"),
    ("display", r"display|screen|\blcd\b|oled|\bpanel\b|bildschirm"),
    ("memory", r"\bmemory\b|\bdimm|sodimm|\bram\b|arbeitsspeicher"),
    ("storage", r"\bssd\b|\bhdd\b|nvme|\bdrive\b|festplatte"),
    ("processor", r"processor|\bcpu\b|prozessor"),
    ("print_head", r"print ?head|druckkopf|fuser"),
    ("modules", r"\bsfp|\bmodule\b"),
    ("hinge", r"hinge|scharnier"),
    ("fan", r"\bfan\b|cooler|l.fter"),
    ("speaker", r"speaker|lautsprecher"),
    ("radio", r"wi-?fi|wlan|bluetooth|antenna|radio"),
    ("port", r"\bport\b|\bjack\b|usb-c|connector|buchse"),
    ("housing", r"housing|cover|\blid\b|bezel|palm ?rest|back glass|geh.use"),
)
_KINDS = tuple((kind, re.compile(words)) for kind, words in _WORDS)


def kind_of(number: str, name: str) -> str:
    """``battery`` for "Battery L17C4P71"; empty for what no word gives away."""
    told = f"{name} {number.replace('-', ' ')}".lower()
    return next((kind for kind, words in _KINDS if words.search(told)), "")


def on_hand(places: Collection[Place]) -> Mapping[Place, Mapping[str, Stock]]:
    """Parts by kind at each place, none that is stopped. One query for all places."""
    hubs = {hub for hub, _model in places}
    models = {model for _hub, model in places if model is not None}
    stopped = PartStop.objects.filter(part=OuterRef("pk"), ended_at=None)
    rows = (
        Part.objects.filter(Q(models_fitting=None) | Q(models_fitting__in=models), ~Exists(stopped), hub_id__in=hubs)
        .order_by("cost", "pk")
        .values_list(
            "hub_id", "models_fitting", "number", "name", "quantity", "reserved", "minimum", "cost", "currency"
        )
    )
    found: dict[Place, dict[str, Stock]] = defaultdict(dict)
    for hub, model, number, name, quantity, reserved, minimum, cost, currency in rows:
        if kind := kind_of(number, name):
            one = Stock(available=quantity - reserved, minimum=minimum, cost=cost, currency=currency)
            known = found[hub, model].get(kind)
            found[hub, model][kind] = _both(known, one) if known else one
    return {place: told for place in places if (told := _at(place, found))}


def _both(one: Stock, other: Stock) -> Stock:
    """Two stocks of a kind: what the cheaper of those stands in the books of which something lies there."""
    dearer_first = sorted((one, other), key=lambda each: (each.available > 0, -each.cost))
    return replace(dearer_first[-1], available=one.available + other.available, minimum=one.minimum + other.minimum)


def _at(place: Place, found: Mapping[Place, Mapping[str, Stock]]) -> dict[str, Stock]:
    """Those made for this model and those that fit any, together."""
    hub, model = place
    told = dict(found.get((hub, None), {}))
    for kind, one in (found.get((hub, model), {}) if model is not None else {}).items():
        told[kind] = _both(told[kind], one) if kind in told else one
    return told


supplies.answered_by(on_hand)
