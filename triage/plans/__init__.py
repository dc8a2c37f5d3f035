"""Test plans: what is tried on each class of thing, before or after its wipe, and which photos are asked for. Data with a version.

Two kinds of rules, each published by an operator or shipped here. ``triage.test_plan`` has a rule a test, in the order in which they are
asked: its condition says for which things, its outcome what a fail means and what answers it without asking. ``triage.photos`` has a
rule a demand: of a defect, or of faces of the thing. Both collect. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext

from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Inputs, Kind, Ruling
from triage.defects import DEFECTS, ZONES, axis_of, of_class
from triage.plans import defaults

KIND = "triage.test_plan"
PHOTOS = "triage.photos"
PASS, FAIL = "pass", "fail"
BEFORE, AFTER = "before", "after"
OF_DEFECT, OF_FACES = "defect", "faces"
MOST_SECONDS = 24 * 3600
LONGEST = 300
LONGEST_CODE = 40


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A test of a plan, in the reader's language.

    ``faults`` are what a fail can mean: one is implied, among several a person says which. ``reports`` are the words of reports that
    answer it. ``needs`` is the test without which it can't be tried.
    """

    code: str
    title: str
    how: str
    seconds: int
    before_wipe: bool
    faults: tuple[str, ...]
    reports: tuple[str, ...] = ()
    needs: str = ""


@dataclass(frozen=True)
class Plan:
    """What is tried on one thing, by which version."""

    version: str
    tests: tuple[Planned, ...]

    def get(self, code: str) -> Planned | None:
        return next((one for one in self.tests if one.code == code), None)


@dataclass(frozen=True, order=True)
class Needed:
    """A photo that a rule asks for: of a face (``zone`` alone), or of a defect where it is."""

    zone: str
    defect: str = ""
    why: str = ""


def version_of(found: Ruling, device_class: str) -> str:
    """How an inspection names its plan: ``laptop-2026-1`` as shipped, ``laptop/3`` as published."""
    return f"{device_class}/{found.version}" if found.version else f"{device_class}-{defaults.VERSION}"


def plan_for(found: Ruling, inputs: Inputs) -> Plan:
    """The tests of a thing by the rules that are given; ``inputs`` are its facts (``inputs_of``)."""
    device_class = str(inputs.get("device_class", "other"))
    fitting = {defect.code for defect in of_class(device_class)}
    rules = found.compiled.matching(inputs)
    codes = {rule.id for rule in rules}
    tests = [
        Planned(
            code=rule.id,
            title=said(rule.then["title"]),
            how=said(rule.why),
            seconds=int(rule.then.get("seconds", 60)),
            before_wipe=rule.then.get("wipe", BEFORE) == BEFORE,
            faults=tuple(code for code in rule.then.get("faults", ()) if code in fitting),
            reports=tuple(rule.then.get("reports", ())),
            # What isn't asked of this thing can't be missing for it.
            needs=rule.then["needs"] if rule.then.get("needs") in codes else "",
        )
        for rule in rules
    ]
    return Plan(version_of(found, device_class), tuple(tests))


def faults_of(found: Ruling) -> dict[str, tuple[str, ...]]:
    """Per test of the rules that are given, the defects that it looks for."""
    return {rule.id: tuple(rule.then.get("faults", ())) for rule in found.compiled.rules}


def photos_for(found: Ruling, inputs: Inputs, defects: Iterable[Mapping[str, str]]) -> list[Needed]:
    """The photos that the rules ask for: of faces because of what the thing is, of each defect because of what that is."""
    needed: dict[tuple[str, str], Needed] = {}

    def demand(zone: str, defect: str, why: str) -> None:
        needed.setdefault((zone, defect), Needed(zone, defect, said(why)))

    alone = dict(inputs)
    for rule in found.compiled.matching(alone):
        if rule.then.get("of") == OF_FACES:
            for zone in rule.then.get("faces", ()):
                demand(zone, "", rule.why)
    for one in defects:
        of_it = alone | {
            "defect": one["code"],
            "severity": one.get("severity", ""),
            "zone": one.get("zone", ""),
            "axis": axis_of(one["code"]).value,
        }
        for rule in found.compiled.matching(of_it):
            if rule.then.get("of") == OF_DEFECT:
                demand(one.get("zone", ""), one["code"], rule.why)
    return list(needed.values())


def inputs_of(
    *,
    device_class: str,
    manufacturer: str = "",
    model: str = "",
    why: str = "",
    value: str | None = None,
    features: Sequence[str] = (),
    again: bool = False,
) -> dict[str, Any]:
    """The facts that conditions of both kinds compare."""
    return {
        "device_class": device_class,
        "manufacturer": manufacturer,
        "model": model,
        "why": why,
        "value": value,
        "features": list(features),
        "again": again,
    }


def said(text: str | Mapping[str, str]) -> str:
    """A text in the reader's language: of the catalogs, or of the rule where it brings its own."""
    if isinstance(text, str):
        return gettext(text) if text else ""
    language = (get_language() or "en")[:2]
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


# Checking ---------------------------------------------------------------------------------------------------------------------------


def _check_plan(body: Body) -> list[Reason]:
    """Each test can be asked, and what it says of other tests and of defects is true."""
    found = []
    rules = body.get("rules", [])
    codes = {rule["id"] for rule in rules}
    for place, rule in enumerate(rules):
        where, then = f"body.rules[{place}].then", rule.get("then", {})
        if len(rule["id"]) > LONGEST_CODE:
            found.append(
                Reason("long", f"A test's id has at most {LONGEST_CODE} characters.", f"body.rules[{place}].id")
            )
        if not _is_text(then.get("title")):
            found.append(Reason("title", f"{rule['id']} has no title to be asked by.", f"{where}.title"))
        if then.get("wipe", BEFORE) not in {BEFORE, AFTER}:
            found.append(
                Reason("wipe", f"{rule['id']} runs before the wipe, or only after: before, after.", f"{where}.wipe")
            )
        seconds = then.get("seconds", 60)
        if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds <= MOST_SECONDS:
            found.append(Reason("seconds", f"{rule['id']} takes 1 to {MOST_SECONDS} seconds.", f"{where}.seconds"))
        faults = then.get("faults", [])
        if not _are_texts(faults) or set(faults) - set(DEFECTS):
            found.append(Reason("faults", f"{rule['id']} names a defect that nobody knows.", f"{where}.faults"))
        if not _are_texts(then.get("reports", [])):
            found.append(Reason("reports", f"{rule['id']} lists the words of reports.", f"{where}.reports"))
        needs = then.get("needs", "")
        if needs and (needs not in codes or needs == rule["id"]):
            found.append(Reason("needs", f"{rule['id']} needs a test that isn't in the plan.", f"{where}.needs"))
    return found


def _check_photos(body: Body) -> list[Reason]:
    """Each demand names a photo that can be taken."""
    found = []
    for place, rule in enumerate(body.get("rules", [])):
        where, then = f"body.rules[{place}].then", rule.get("then", {})
        if then.get("of") not in {OF_DEFECT, OF_FACES}:
            found.append(
                Reason("of", f"{rule['id']} asks for a photo of the defect, or of faces: defect, faces.", f"{where}.of")
            )
        faces = then.get("faces", [])
        if not _are_texts(faces) or set(faces) - set(ZONES) or (then.get("of") == OF_FACES and not faces):
            found.append(
                Reason("faces", f"{rule['id']} names faces among {', '.join(sorted(ZONES))}.", f"{where}.faces")
            )
    return found


def _is_text(value: object) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and all(isinstance(one, str) and 0 < len(one) <= LONGEST for one in value.values())
    return isinstance(value, str) and 0 < len(value) <= LONGEST


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


RULES = ruling.register(Kind(KIND, defaults.TEST_PLAN, _check_plan))
PHOTO_RULES = ruling.register(Kind(PHOTOS, defaults.PHOTOS, _check_photos))
SHIPPED = Ruling(KIND, 0, RULES.shipped)
SHIPPED_PHOTOS = Ruling(PHOTOS, 0, PHOTO_RULES.shipped)
