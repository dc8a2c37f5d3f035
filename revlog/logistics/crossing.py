"""What the floor says at a transfer: loading it and the driver's signature at one end, seals and taking in at the other."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.common.errors import NotFound, Reason
from revlog.common.words import word
from revlog.devices.journey import CLEARED, Data
from revlog.logistics import signed_for
from revlog.logistics.models import (
    Cargo,
    CargoStatus,
    Consignment,
    ConsignmentStatus,
    Discrepancy,
    Transfer,
    TransferStatus,
)
from revlog.logistics.queries import transfers as queries
from revlog.logistics.services.transfers import accepting, common, guards, releasing
from revlog.logistics.services.transfers.accepting import Taken
from revlog.scanning import answers, registry
from revlog.scanning.answers import Action, Answer, Photo, action
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.storage.models import Seal

OUT, IN = "transfer_out", "transfer_in"
MOST_NAMED = 8


def at_hand(here: Here) -> Transfer | None:
    """The transfer that this person loads or takes in on this tablet."""
    key = here.open.get("transfer")
    if not key:
        return None
    rows = Transfer.objects.visible_to(here.by).select_related(
        "origin__organization", "destination__organization", "receiver", "giver"
    )
    return rows.filter(pk=key).first()


def numbered(here: Here, number: str) -> Transfer:
    found = queries.by_number(number, here.by)
    if found is None:
        raise NotFound(Reason("not_found", _("There is no such transfer.")))
    return found


def face(transfer: Transfer) -> str:
    return _("%(origin)s to %(to)s") % {"origin": common.start_people(transfer), "to": common.to_people(transfer)}


def opens(transfer: Transfer) -> Action:
    return answers.leads(_("Open its page"), queries.address_of(transfer), icon="arrow-right")


# Loading ----------------------------------------------------------------------------------------------------------------------------


def opened_out(here: Here) -> Answer:
    here.keep(transfer=None)
    waiting = Transfer.objects.visible_to(here.by).filter(
        origin=here.hub,
        giver=None,
        status__in=[TransferStatus.PLANNED, TransferStatus.UNDER_WAY],
        cargo__status="listed",
    )
    return _choose(here, OUT, waiting.distinct(), _("Loading a transfer"))


def opened_in(here: Here) -> Answer:
    here.keep(transfer=None)
    travels = Q(consignments__status__in=[ConsignmentStatus.UNDER_WAY, ConsignmentStatus.OPENED])
    back = Q(giver__isnull=False, status=TransferStatus.PLANNED)
    coming = Transfer.objects.visible_to(here.by).filter(travels | back, destination=here.hub)
    return _choose(here, IN, coming.distinct(), _("Taking in a transfer"))


def _choose(here: Here, job: str, rows: object, title: str) -> Answer:
    found = list(rows.select_related("origin", "destination", "receiver", "giver")[:3])  # type: ignore[attr-defined]
    return {
        "tone": "accepted",
        "title": title,
        "text": _("Scan the transfer's number."),
        "actions": [
            action(f"{one.number}, {face(one)}", "transfer_join", f"JOIN {place}", job=job, transfer=one.number)
            for place, one in enumerate(found, 1)
        ],
    }


def joined(here: Here, job: str, transfer: Transfer) -> Answer:
    here.keep(job=job, transfer=transfer.pk)
    done, goal = sums(transfer, job)
    if job == OUT:
        text = _("Scan each container or unit that goes onto the truck.")
        common.require(
            common.may_release(transfer, here.by),
            _("It is loaded by the people of %s.") % common.start_people(transfer),
        )
    else:
        text = _("Look at the seals: scan each seal, and what has none.")
        common.require(
            common.may_accept(transfer, here.by), _("It is taken in by the people of %s.") % common.to_people(transfer)
        )
    return {
        "tone": "accepted",
        "title": transfer.number,
        "text": face(transfer),
        "todo": text,
        "done": done,
        "goal": goal or 0,
        "actions": [_ends(transfer, job), opens(transfer)],
    }


def sums(transfer: Transfer, job: str) -> tuple[int, int | None]:
    """How many are done, of how many."""
    rows = list(transfer.cargo.values_list("status", flat=True))
    if job == OUT:
        loaded = rows.count(CargoStatus.LOADED)
        return loaded, loaded + rows.count(CargoStatus.LISTED)
    made = common.consignment(transfer, ConsignmentStatus.OPENED, ConsignmentStatus.UNDER_WAY)
    if made is None and transfer.giver_id is not None:
        return 0, rows.count(CargoStatus.LISTED)
    if made is None:
        return 0, None
    some = list(made.shipment.cargo.values_list("status", flat=True))
    taken = some.count(CargoStatus.ACCEPTED)
    return taken, taken + some.count(CargoStatus.UNDER_WAY)


def tally(here: Here) -> tuple[int, int | None] | None:
    transfer = at_hand(here)
    return sums(transfer, here.job) if transfer is not None else None


def _ends(transfer: Transfer, job: str) -> Action:
    if job == OUT:
        return action(_("The driver signs"), "transfer_sign", "END", icon="pencil", transfer=transfer.number)
    return action(_("That was all"), "transfer_close", "END", icon="circle-check", transfer=transfer.number)


def answer_out(here: Here, reading: Reading) -> Answer | None:
    if (found := queries.by_number(reading.text, here.by)) is not None:
        return joined(here, OUT, found)
    transfer = at_hand(here)
    if transfer is None:
        return None
    if reading.code == "END":
        return to_sign(here, transfer)
    if (text := _ours(here, transfer, reading, common.OPEN)) is None:
        return None
    return load(here, transfer, text)


def _texts(reading: Reading) -> Sequence[str]:
    return list(dict.fromkeys([reading.text, *reading.candidates("sscc", "asset")]))


def _ours(here: Here, transfer: Transfer, reading: Reading, statuses: Sequence[str]) -> str | None:
    """What of the scan names a thing of the transfer, or any container, seal or unit; None where it is another job's: a badge, a place."""
    texts = _texts(reading)
    for text in texts:
        cargo, _seal = releasing.find(transfer, text, statuses=statuses)
        if cargo is not None:
            return text
    if registry.is_half(reading.text):
        return None
    found = registry.look(here, reading)
    return texts[0] if found is not None and found.kind in {"container", "device"} else None


def load(here: Here, transfer: Transfer, text: str, *, anyway: bool = False) -> Answer:
    cargo, _seal = releasing.find(transfer, text)
    if cargo is None and not anyway:
        return _over(transfer, text)
    done = releasing.load(transfer, text, anyway=anyway, by=here.by, at=here.at)
    loaded, goal = sums(transfer, OUT)
    told = {"code": done.cargo.code, "units": done.cargo.units}
    answer: Answer = {
        "tone": "attention" if done.again else "accepted",
        "title": _("Loaded already") if done.again else _("Loaded"),
        "text": ngettext("%(code)s, %(units)s unit", "%(code)s, %(units)s units", done.cargo.units) % told,
        "todo": _("Seals: %s") % ", ".join(done.cargo.seals) if done.cargo.seals else "",
        "done": loaded,
        "goal": goal or 0,
        "actions": [
            _ends(transfer, OUT),
            action(_("Take it off again"), "transfer_unload", "OFF", icon="arrow-back-up", cargo=done.cargo.pk),
        ],
    }
    return answer


def _over(transfer: Transfer, text: str) -> Answer:
    return {
        "tone": "attention",
        "title": _("Not on the list"),
        "text": _("%(code)s isn't on the list of %(number)s.") % {"code": text, "number": transfer.number},
        "todo": _("Put it aside, or take it along."),
        "actions": [
            action(_("Take it along"), "transfer_load", "TAKE", icon="plus", transfer=transfer.number, thing=text),
            _ends(transfer, OUT),
        ],
    }


def unloaded(here: Here, cargo: Cargo) -> Answer:
    loaded, goal = sums(cargo.transfer, OUT)
    return {
        "tone": "accepted",
        "title": _("Taken off"),
        "text": _("%s isn't on the truck; it stays on the list.") % cargo.code,
        "done": loaded,
        "goal": goal or 0,
        "actions": [_ends(cargo.transfer, OUT)],
    }


def to_sign(here: Here, transfer: Transfer) -> Answer:
    """What the driver signs for, with the glass to sign on."""
    common.require(
        common.may_release(transfer, here.by), _("It is loaded by the people of %s.") % common.start_people(transfer)
    )
    made = common.consignment(transfer, ConsignmentStatus.LOADING)
    if found := releasing.reasons_against_releasing(transfer, made):
        return {"tone": "attention", "title": _("Not yet"), "text": found[0].sentence}
    if made is None:
        raise NotFound(Reason("nothing", _("Nothing is loaded yet. Scan the first container or unit.")))
    return {
        "tone": "accepted",
        "title": _("The driver signs"),
        "text": _("For the number of containers and units, and for the seals."),
        "sign": {
            "url": action("", "transfer_release")["url"],
            "sends": {"transfer": transfer.number},
            "says": signed_for.summary(transfer, made),
            "label": _("Signed"),
            "unsigned": _("The driver doesn't sign"),
        },
    }


@registry.signed
def signed(here: Here, told: registry.Signature) -> Answer | None:
    """Signed for without the net, a number of containers and units; it is the one that was loaded or taken in, or nothing is signed."""
    transfer = at_hand(here) if here.job in {OUT, IN} else None
    if transfer is None:
        return None
    with transaction.atomic():
        if here.job == IN:
            common.lock(transfer.pk)  # nobody takes one more in between the two
            registry.agree(told, sums(transfer, IN)[0])
            return taken_over(here, transfer, signature=told.drawn, signed_by=told.signed_by, unsigned_why="")
        made = releasing.release(transfer, signature=told.drawn, signed_by=told.signed_by, by=here.by, at=here.at)
        registry.agree(told, made.shipment.cargo.count())
    return released(here, transfer, made)


@registry.pictured(order=12)
def pictured(here: Here, upload: File[bytes]) -> Answer | None:
    """A photo that was taken without the net: it is of what was taken in last, damaged or with its seal broken."""
    transfer = at_hand(here) if here.job == IN else None
    code = here.open.get("taken_in", "") if transfer is not None else ""
    rows = Discrepancy.objects.filter(shipment__consignment__transfer=transfer, code=code, kind__in=["damaged", "seal"])
    row = (
        rows.select_related("shipment__consignment__transfer__destination").order_by("-noted_at").first()
        if code
        else None
    )
    if row is None:
        return None
    accepting.photograph(row, upload, by=here.by, at=here.at)
    return photographed(row)


def released(here: Here, transfer: Transfer, made: Consignment) -> Answer:
    left = transfer.cargo.filter(status=CargoStatus.LISTED).count()
    here.keep(transfer=None)
    return {
        "tone": "attention" if left else "accepted",
        "title": _("Handed over") if made.unsigned_why else _("Signed and handed over"),
        "text": _("Shipment %(shipment)s of %(number)s is under way.")
        % {"shipment": made.shipment.number, "number": transfer.number},
        "todo": ngettext(
            "%s thing stays on the list for the next shipment.",
            "%s things stay on the list for the next shipment.",
            left,
        )
        % left
        if left
        else _("The driver may go."),
        "actions": [opens(transfer)],
    }


# Taking in --------------------------------------------------------------------------------------------------------------------------


def answer_in(here: Here, reading: Reading) -> Answer | None:
    if (found := queries.by_number(reading.text, here.by)) is not None:
        return joined(here, IN, found)
    transfer = at_hand(here)
    if transfer is None:
        return _by_seal(here, reading)
    if reading.code == "DAMAGED":
        return damaged(here, transfer, here.open.get("taken_in", ""))
    if reading.code == "BROKEN" and (code := here.open.get("sealed")):
        return take_in(here, transfer, code, broken=True)
    if reading.code == "END":
        return closed(here, transfer)
    texts = _texts(reading)
    statuses = (*accepting.SEEN, CargoStatus.LISTED.value) if transfer.giver_id is not None else accepting.SEEN
    for text in texts:
        cargo, _seal = releasing.find(transfer, text, statuses=statuses)
        if cargo is not None:
            return take_in(here, transfer, text)
    found_kind = registry.look(here, reading)
    if registry.is_half(reading.text) or (found_kind is not None and found_kind.kind not in {"container", "device"}):
        return None
    return take_in(here, transfer, texts[0]) if found_kind is not None else None


def unknown_in(here: Here, reading: Reading) -> Answer:
    """A number that nobody here knows: it came all the same, and a lead settles whose it is."""
    transfer = at_hand(here)
    if transfer is None:
        return {"tone": "attention", "title": _("Which transfer?"), "text": _("Scan the transfer's number first.")}
    return {
        "tone": "attention",
        "title": _("Not on the list"),
        "text": _("%(code)s isn't of %(number)s.") % {"code": reading.text, "number": transfer.number},
        "todo": _("Did it come with this truck? Then say so, and put it aside."),
        "actions": [
            action(
                _("It came too"), "transfer_over", "OVER", icon="plus", transfer=transfer.number, thing=reading.text
            ),
            _ends(transfer, IN),
        ],
    }


def _by_seal(here: Here, reading: Reading) -> Answer | None:
    """A seal scanned first says which transfer stands at the door."""
    number = " ".join(reading.text.upper().split())
    seal = Seal.objects.filter(number=number, broken_at=None, container__cargo__status=CargoStatus.UNDER_WAY).first()
    if seal is None:
        return None
    transfer = (
        Transfer.objects.visible_to(here.by)
        .filter(cargo__container=seal.container_id, cargo__status=CargoStatus.UNDER_WAY, destination=here.hub)
        .select_related("origin__organization", "destination__organization", "receiver", "giver")
        .first()
    )
    if transfer is None:
        return None
    here.keep(transfer=transfer.pk)
    return take_in(here, transfer, number)


def take_in(here: Here, transfer: Transfer, text: str, *, broken: bool = False) -> Answer:
    seals: Sequence[str] = ()
    if broken:
        cargo, _seal = releasing.find(transfer, text, statuses=accepting.COMES)
        seals = cargo.seals if cargo is not None else ()
    done = accepting.accept(transfer, text, seals_broken=seals, by=here.by, at=here.at)
    loaded, goal = sums(transfer, IN)
    answer = _told(here, transfer, done, text)
    return {**answer, "done": loaded, "goal": goal or 0}


def _told(here: Here, transfer: Transfer, done: Taken, text: str) -> Answer:
    cargo = done.cargo
    if done.what == "over" and done.discrepancy is not None:
        return {
            "tone": "attention",
            "title": _("Not on the list"),
            "text": _("%s came too. A lead says where it belongs.") % done.discrepancy.code,
            "todo": _("Put it aside."),
            "actions": [_ends(transfer, IN)],
        }
    if cargo is None:
        raise NotFound(Reason("unknown", _("Nobody knows %s here.") % text[:60]))
    here.keep(taken_in=cargo.code, sealed=cargo.code if done.what == "seals" else None)
    if done.what == "seals":
        return {
            "tone": "attention",
            "title": _("The seals first"),
            "text": _("On %(code)s: %(seals)s") % {"code": cargo.code, "seals": ", ".join(cargo.seals)},
            "todo": _("Scan the seal. If it is broken, or another one, say so."),
            "actions": [
                action(
                    _("Broken, or another seal"), "transfer_broken", "BROKEN", danger=True, icon="alert-triangle",
                    transfer=transfer.number, thing=cargo.code,
                ),
            ],
        }  # fmt: skip
    if done.what == "again":
        return {
            "tone": "attention",
            "title": _("Taken in already"),
            "text": cargo.code,
            "actions": [_ends(transfer, IN)],
        }
    answer: Answer = {
        "tone": "attention" if done.discrepancy is not None else "accepted",
        "title": _("Taken in, the seal is broken") if done.discrepancy is not None else _("Taken in"),
        "text": ngettext("%(code)s, %(units)s unit", "%(code)s, %(units)s units", cargo.units)
        % {"code": cargo.code, "units": cargo.units},
        "todo": _("Scan the next one."),
        "actions": [_ends(transfer, IN), _damage(transfer, cargo.code)],
    }
    if done.discrepancy is not None:
        answer["todo"] = _("Take a photo of the seal, and count what is in it. A lead hears of it.")
        if any(Data(unit.data) not in CLEARED for unit in guards.devices_of(cargo)):
            answer["todo"] = _("Take a photo of the seal, and bring it to the data cage at once. A lead hears of it.")
        answer["photo"] = _photo(done.discrepancy)
    return answer


def _damage(transfer: Transfer, code: str) -> Action:
    return action(
        _("It is damaged"), "transfer_damaged", "DAMAGED", danger=True, icon="alert-triangle",
        transfer=transfer.number, thing=code,
    )  # fmt: skip


def damaged(here: Here, transfer: Transfer, code: str) -> Answer:
    row = accepting.damaged(transfer, code, by=here.by, at=here.at)
    return {
        "tone": "attention",
        "title": _("Damaged"),
        "text": _("%s is noted as damaged.") % row.code,
        "todo": _("Take a photo before the driver goes."),
        "photo": _photo(row),
        "actions": [_ends(transfer, IN)],
    }


def _photo(row: Discrepancy) -> Photo:
    return {
        "label": _("Photo of %s") % row.code,
        "url": action("", "transfer_photo")["url"],
        "sends": {"discrepancy": str(row.pk)},
    }


def photographed(row: Discrepancy) -> Answer:
    return {
        "tone": "accepted",
        "title": _("Photo kept"),
        "text": f"{row.code}: {word(f'trouble.{row.kind}')}",
        "todo": _("Scan the next one."),
        "actions": [_ends(row.shipment.consignment.transfer, IN)],
    }


def closed(here: Here, transfer: Transfer) -> Answer:
    """That was all: what is signed for, with the glass to sign on; or the photo that is missing."""
    made = common.consignment(transfer, ConsignmentStatus.OPENED)
    if found := accepting.reasons_against_closing(made):
        answer: Answer = {"tone": "attention", "title": _("Not yet"), "text": found[0].sentence}
        bare = made.shipment.discrepancies.filter(photo=None, kind__in=["damaged", "seal"]).first() if made else None
        if bare is not None:
            answer["photo"] = _photo(bare)
        return answer
    if made is None:
        raise NotFound(Reason("nothing", _("Nothing is being taken in.")))
    short = made.shipment.cargo.filter(status=CargoStatus.UNDER_WAY).exists()
    return {
        "tone": "attention" if short or made.shipment.discrepancies.exists() else "accepted",
        "title": _("Who takes it over signs"),
        "text": _("For what came, and for what isn't as it was released."),
        "sign": {
            "url": action("", "transfer_accept")["url"],
            "sends": {"transfer": transfer.number},
            "says": signed_for.came(transfer, made),
            "label": _("Signed"),
            "unsigned": _("Nobody signs"),
        },
    }


def taken_over(here: Here, transfer: Transfer, *, signature: str, signed_by: str, unsigned_why: str) -> Answer:
    done = accepting.close(
        transfer, signature=signature, signed_by=signed_by, unsigned_why=unsigned_why, by=here.by, at=here.at
    )
    here.keep(transfer=None, taken_in=None, sealed=None)
    rows = list(done.shipment.discrepancies.order_by("kind", "code"))
    said = [f"{one.code}: {word(f'trouble.{one.kind}')}" for one in rows[:MOST_NAMED]]
    return {
        "tone": "attention" if rows else "accepted",
        "title": _("Taken in") if done.taker_unsigned_why else _("Signed and taken in"),
        "text": "; ".join(said) or _("All of shipment %s is here.") % done.shipment.number,
        "todo": _("Your lead settles what isn't right.") if rows else _("Bring it where it belongs."),
        "actions": [opens(transfer)],
    }
