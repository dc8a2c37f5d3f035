"""Posting packaging: what partners get and bring back, what is lost, cleaned, repaired, kept, used and sent to recycling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.devices.facts import SentToTriage
from revlog.devices.journey import Disposition
from revlog.devices.models import Device
from revlog.devices.models.device import Tracking
from revlog.devices.services import arrivals, money, moves, standing
from revlog.storage.facts import packaging as facts
from revlog.storage.models import PackagingAccount, PackagingMove, PackagingMoveKind, PackagingType
from revlog.storage.queries import packaging as reads

CHAIN = "packaging"
MOST = 100_000
K = PackagingMoveKind


class UnableToPost(DomainError):
    """The packaging can't be posted like this."""

    code = "unable_to_post_packaging"


@dataclass(frozen=True)
class Effect:
    """What one piece changes: with the partner, ready, to be cleaned, damaged."""

    at_partner: int = 0
    ready: int = 0
    dirty: int = 0
    damaged: int = 0


WITH_PARTNER = frozenset({K.GIVEN, K.BACK, K.BACK_DAMAGED, K.LOST, K.FOUND})
_EFFECTS = {
    K.GIVEN: Effect(at_partner=1, ready=-1),
    K.BACK: Effect(at_partner=-1, ready=1),
    K.BACK_DAMAGED: Effect(at_partner=-1, damaged=1),
    K.LOST: Effect(at_partner=-1),
    K.FOUND: Effect(ready=1),
    K.BOUGHT: Effect(ready=1),
    K.KEPT: Effect(ready=1),
    K.CLEANED: Effect(ready=1, dirty=-1),
    K.REPAIRED: Effect(ready=1, damaged=-1),
    K.RETIRED: Effect(damaged=-1),
    K.USED: Effect(ready=-1),
    K.RECYCLED: Effect(ready=-1),
}


def effect_of(kind: PackagingMoveKind, type: PackagingType) -> Effect:
    if kind in {K.BACK, K.FOUND} and type.cleaned:
        return Effect(at_partner=_EFFECTS[kind].at_partner, dirty=1)
    return _EFFECTS[kind]


def keep_type(
    *, code: str, name: str, kind: str, deposit: Decimal = Decimal(0), price: Decimal = Decimal(0), waiting_days: int = 30,
    cleaned: bool = False, grams: int | None = None, sides: tuple[int, int, int] | None = None, by: Actor,
) -> PackagingType:  # fmt: skip
    """Set up a kind of packaging, or change it."""
    _require(by, "accounts.stations")
    length, width, height = sides or (None, None, None)
    if not name.strip() or min(deposit, price) < 0 or not 0 <= waiting_days <= 3650:
        raise BadInput(Reason("type", _("A kind has a name, and neither amount nor days below nothing."), "name"))
    row, _made = PackagingType.objects.update_or_create(
        code=code,
        defaults={
            "name": name.strip()[:80], "kind": kind, "deposit": deposit, "price": price, "waiting_days": waiting_days,
            "cleaned": cleaned, "grams": grams, "length_mm": length, "width_mm": width, "height_mm": height,
        },
    )  # fmt: skip
    return row


def _require(by: Actor, permission: str) -> None:
    if not by.may(permission) or not by.is_operator:
        raise NotAllowed(Reason("not_allowed", _("Packaging is posted by the people of the site.")))


def account(
    type: PackagingType, *, partner: Organization | None = None, hub: Hub | None = None, by: Actor, at: datetime
) -> PackagingAccount:
    """The account with a partner or the stock of a site, opened where there is none, its chain locked. Within a transaction."""
    found = PackagingAccount.objects.filter(type=type, partner=partner, hub=hub).first()
    if found is None:
        # One at a time: who comes second waits for the kind's row, and finds the account.
        PackagingType.objects.select_for_update(no_key=True).get(pk=type.pk)
        found = PackagingAccount.objects.filter(type=type, partner=partner, hub=hub).first()
    if found is None:
        found = PackagingAccount.objects.create(id=ids.new(at), type=type, partner=partner, hub=hub, opened_at=at)
        fact = facts.PackagingOpened(
            type=type.code, partner=partner.code if partner else None, hub=hub.code if hub else None
        )
        ledger.begin(CHAIN, found.pk, fact, by=by, at=at, owner=found.partner_id, hub=found.hub_id)
    ledger.head_of(found.pk)
    found.type = type
    return found


@transaction.atomic
def agree(
    type: PackagingType, partner: Organization, *, deposit: Decimal, price: Decimal, days: int, by: Actor, at: datetime
) -> PackagingAccount:
    """What was agreed with a partner, from now on."""
    _require(by, "terms.edit")
    if min(deposit, price) < 0 or not 0 <= days <= 3650:
        raise BadInput(Reason("terms", _("Neither amounts nor days are below nothing."), "deposit"))
    row = account(type, partner=partner, by=by, at=at)
    row.deposit, row.price, row.waiting_days = deposit, price, days
    row.save(update_fields=["deposit", "price", "waiting_days"])
    fact = facts.PackagingAgreed(
        type=type.code, partner=partner.code, deposit=str(deposit), price=str(price), days=days
    )
    ledger.append(row.pk, fact, by=by, at=at, owner=partner.pk)
    return row


def reasons_against_posting(row: PackagingAccount, kind: PackagingMoveKind, hub: Hub, quantity: int) -> list[Reason]:
    """What is in the hands can always be posted; what can't be there can't be cleaned, repaired, lost or found."""
    if kind == K.LOST:
        has = sum(row.moves.values_list("at_partner", flat=True))
        return (
            []
            if quantity <= has
            else [Reason("fewer", _("The partner has only %s of them.") % max(has, 0), "quantity")]
        )
    if kind == K.FOUND:
        lost = sum(row.moves.filter(kind=K.LOST).values_list("quantity", flat=True))
        lost -= sum(row.moves.filter(kind=K.FOUND).values_list("quantity", flat=True))
        return [] if quantity <= lost else [Reason("fewer", _("Only %s were lost.") % lost, "quantity")]
    here = reads.at_site(row.type, hub)
    there = {
        K.CLEANED: here.dirty,
        K.REPAIRED: here.damaged,
        K.RETIRED: here.damaged,
        K.USED: here.ready,
        K.RECYCLED: here.ready,
    }
    if kind in there and quantity > there[kind]:
        return [Reason("fewer", _("Only %s of them are there. Count them first.") % max(there[kind], 0), "quantity")]
    return []


@transaction.atomic
def post(
    type: PackagingType,
    kind: PackagingMoveKind,
    *,
    hub: Hub,
    quantity: int,
    partner: Organization | None = None,
    reference: str = "",
    grams: int | None = None,
    key: str = "",
    by: Actor,
    at: datetime,
) -> PackagingMove:
    """Post one move. Lost ones are charged to the partner, found ones credited. The same ``key`` again gives the move that stands.

    Receipts and shipments post theirs with ``reference``, and a ``key`` made of it.
    """
    _require(by, "devices.locate")
    if not Hub.objects.worked_by(by).filter(pk=hub.pk).exists():
        raise NotAllowed(Reason("not_allowed", _("This site is not yours.")))
    if key and (earlier := PackagingMove.objects.filter(key=key).first()) is not None:
        return earlier
    if kind == K.COUNTED or not 1 <= quantity <= MOST:
        raise BadInput(Reason("quantity", _("Say how many, from 1 to 100,000."), "quantity"))
    if (kind in WITH_PARTNER) != (partner is not None):
        raise BadInput(
            Reason("partner", _("Choose the partner for what goes out, comes back, is lost or found."), "partner")
        )
    if kind == K.RECYCLED and not grams:
        raise BadInput(Reason("grams", _("Weigh what goes to recycling."), "kilos"))
    row = account(type, partner=partner, hub=None if partner else hub, by=by, at=at)
    if found := reasons_against_posting(row, kind, hub, quantity):
        raise UnableToPost(found)
    each = effect_of(kind, type)
    device = _material(type, hub, grams or 0, by=by, at=at) if kind == K.RECYCLED else None
    effect = Effect(each.at_partner * quantity, each.ready * quantity, each.dirty * quantity, each.damaged * quantity)
    return _write(
        row,
        kind,
        hub,
        quantity,
        effect,
        partner=partner,
        reference=reference,
        grams=grams,
        device=device,
        key=key,
        by=by,
        at=at,
    )


@transaction.atomic
def count(
    type: PackagingType, *, hub: Hub, ready: int, dirty: int = 0, damaged: int = 0, by: Actor, at: datetime
) -> PackagingMove | None:
    """What is really there, counted: the difference is posted. None when there is none."""
    _require(by, "devices.count")
    if min(ready, dirty, damaged) < 0 or max(ready, dirty, damaged) > MOST:
        raise BadInput(Reason("quantity", _("Say how many there are, from 0 to 100,000."), "quantity"))
    row = account(type, hub=hub, by=by, at=at)
    now = reads.at_site(type, hub)
    effect = Effect(0, ready - now.ready, dirty - now.dirty, damaged - now.damaged)
    if effect == Effect():
        return None
    return _write(row, K.COUNTED, hub, ready + dirty + damaged, effect, by=by, at=at)


def _write(
    row: PackagingAccount, kind: PackagingMoveKind, hub: Hub, quantity: int, effect: Effect, *,
    partner: Organization | None = None, reference: str = "", grams: int | None = None, device: Device | None = None,
    key: str = "", by: Actor, at: datetime,
) -> PackagingMove:  # fmt: skip
    before = sum(row.moves.values_list("at_partner", flat=True)) if partner else 0
    fact = facts.PackagingMoved(
        what=f"packaging_move.{kind.value}", type=row.type.code, quantity=quantity, hub=hub.code,
        partner=partner.code if partner else None, balance=before + effect.at_partner if partner else None, grams=grams,
        reference=reference.strip()[:60] or None,
    )  # fmt: skip
    entry = ledger.append(row.pk, fact, by=by, at=at, owner=row.partner_id, hub=hub.pk)
    made = PackagingMove.objects.create(
        id=ids.new(at), account=row, type=row.type, partner=partner, hub=hub, kind=kind, quantity=quantity,
        at_partner=effect.at_partner, ready=effect.ready, dirty=effect.dirty, damaged=effect.damaged, grams=grams,
        device=device, reference=reference.strip()[:60], occurred_at=at, entry=entry.digest, key=key,
    )  # fmt: skip
    if kind in {K.LOST, K.FOUND} and partner is not None and row.price_each:
        money.post(
            entry=entry, account="packaging", amount=row.price_each * (quantity if kind == K.LOST else -quantity),
            currency=settings.BASE_CURRENCY, party=partner, at=at, key=f"packaging:{made.pk}",
        )  # fmt: skip
    return made


def _material(type: PackagingType, hub: Hub, grams: int, *, by: Actor, at: datetime) -> Device:
    """So many grams of it wait for recycling from now on, as any other material does."""
    what = arrivals.Description(
        device_class="materials", tracking=Tracking.WEIGHED.value, grams=grams, model=type.name[:200]
    )
    stay = arrivals.Stay(
        why="stock",
        owner=hub.organization_id,
        hub=hub.pk,
        custodian=hub.organization_id,
        reference=f"packaging:{type.code}",
    )
    device = arrivals.arrive(what=what, stay=stay, by=by, at=at)
    moves.advance(device, moves.TO_TRIAGE, fact=SentToTriage(reason="packaging"), by=by, at=at)
    standing.authorize(device, ground="title_is_ours", by=by, at=at)
    moves.proceed(
        device, fact=SentToTriage(reason="packaging to recycling"), by=by, at=at,
        set={"disposition": Disposition.RECYCLE.value, "stops_done": 0},
    )  # fmt: skip
    return device


def said(kind: PackagingMoveKind, quantity: int, type: PackagingType) -> str:
    """What was posted, for whoever did it."""
    return ngettext("%(quantity)s %(type)s: %(what)s.", "%(quantity)s %(type)s: %(what)s.", quantity) % {
        "quantity": quantity, "type": type.name, "what": kind.label,
    }  # fmt: skip
