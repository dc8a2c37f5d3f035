"""What kind of part a stock is, by its name and number, and the answer to those who reckon with what lies on hand."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping

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
        kind, available = kind_of(number, name), quantity - reserved
        if not kind:
            continue
        known = found[hub, model].get(kind)
        cheaper = known is None or (known.available <= 0 < available)
        found[hub, model][kind] = Stock(
            available=available + (known.available if known else 0),
            minimum=minimum + (known.minimum if known else 0),
            cost=cost if cheaper or known is None else known.cost,
            currency=currency if cheaper or known is None else known.currency,
        )
    return {place: told for place in places if (told := _at(place, found))}


def _at(place: Place, found: Mapping[tuple[uuid.UUID, uuid.UUID | None], Mapping[str, Stock]]) -> dict[str, Stock]:
    """Those that fit any model, and before them those made for this one."""
    hub, model = place
    return {**found.get((hub, None), {}), **(found.get((hub, model), {}) if model is not None else {})}


supplies.answered_by(on_hand)
