"""The purchase: what must be there before, the title that passes with it, how it came for the VAT, and the days before it may be sold."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns import sealing
from returns.facts import tradein as facts
from returns.models import IdentityCheck, Kind, Refund, RefundStatus, Rma, RmaUnit, TradeIn
from returns.policy import tradein_law
from returns.services import approval
from returns.services.tradein import agreeing, blocking, papers, truing
from returns.services.tradein.quoting import UnableToQuote
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.common import money
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.devices.identifiers import Name
from revlog.devices.models import Device, Hold, HoldKind
from revlog.devices.services import moves, standing
from revlog.terms.services.warranties import after_months

BUYING = actors.system("returns.tradein")
OWED = (RefundStatus.DUE, RefundStatus.FAILED)
"""While a payment is on its way again, the account is kept."""
OLDEST_PAPER = timedelta(days=365)
"""Before that no purchase document is looked at: no law asks to keep one for less."""


def is_trade(rma: Rma) -> bool:
    return rma.kind == Kind.TRADE


# Before -----------------------------------------------------------------------------------------------------------------------------


def names_of(device: Device) -> list[Name]:
    return [
        Name(row.scheme, row.normal_form, row.printed, row.issuer)
        for row in device.identifiers.filter(scheme__in=["imei", "serial"])
    ]


def reasons_against_buying(unit: RmaUnit, device: Device, *, at: datetime | None = None) -> list[Reason]:
    """Why the thing can't become ours now: the law asks for something that is missing, or a list names it."""
    row = truing.of_unit(unit) if is_trade(unit.line.rma) else None
    if row is None:
        return []
    found = []
    if blocking.look_up(names_of(device)) is not None:
        found.append(Reason("blocked", _("%s is on a list of lost, stolen or blocked things.") % device.tag))
    if row.declared_at is None:
        found.append(Reason("not_declared", _("Its seller hasn't declared that it is theirs.")))
    if needs_identity(row, at=at or row.accepted_at or row.made_at):
        found.append(Reason("no_identity", _("The law asks to look at its seller's document first.")))
    return found


def needs_identity(row: TradeIn, *, at: datetime) -> bool:
    """Whether somebody still has to look at the seller's document."""
    law = law_of(row, at=at)
    if row.business or not row.amount or not law.asks_identity(row.amount or Decimal(0)):
        return False
    return not IdentityCheck.objects.filter(trade_in=row).exists()


def reasons_against_identifying(row: TradeIn, *, by: Actor) -> list[Reason]:
    found = []
    if not by.may("returns.receive") and not by.may("returns.settle"):
        found.append(Reason("not_allowed", _("Looking at documents needs the right to receive or settle returns.")))
    if row.rma_id is None:
        found.append(Reason("not_accepted", _("The quote has to be accepted first.")))
    if IdentityCheck.objects.filter(trade_in=row).exists():
        found.append(Reason("done", _("Somebody looked at the document already.")))
    return found


def identify(
    row: TradeIn, *, document: str, number: str = "", country: str = "", of_age: bool, by: Actor, at: datetime
) -> IdentityCheck:
    """Somebody saw the seller's document: which kind, of which country, its last four signs. No copy of it is made.

    Its whole number is kept, sealed, only where the law asks for it; nothing of it but the kind stands on a chain.
    """
    with transaction.atomic():
        rma = approval.lock(row.rma_id) if row.rma_id is not None else None
        found = TradeIn.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
        if wrong := reasons_against_identifying(found, by=by):
            raise NotAllowed(wrong) if wrong[0].code == "not_allowed" else UnableToQuote(wrong)
        law = agreeing.law_for(found.country, hub=rma.hub if rma is not None else found.hub, at=at)
        bare = "".join(number.split())[:40]
        wrong = []
        if document not in law.documents:
            wrong.append(Reason("document", _("Choose which document you saw."), "document"))
        issuer = (country.strip() or found.country).upper()
        if len(issuer) != 2 or not (issuer.isascii() and issuer.isalpha()):
            wrong.append(Reason("country", _("A country is written in two letters, like NL."), "country"))
        if law.keep_number and not bare:
            wrong.append(Reason("number", _("The law asks to keep the number of the document."), "number"))
        if law.age and not of_age:
            wrong.append(Reason("age", _("We buy from nobody under %s.") % law.age, "of_age"))
        if wrong:
            raise BadInput(wrong)
        check = IdentityCheck.objects.create(
            trade_in=found,
            document=document,
            number=sealing.seal(bare) if law.keep_number else "",
            country=issuer,
            tail=bare[-4:],
            of_age=of_age,
            checked_by=by.reference,
            checked_at=at,
            keep_until=after_months(at.date(), law.keep_months),
        )
        if rma is not None:
            approval.say(
                rma,
                facts.IdentityChecked(
                    document=f"document.{document}",
                    of_age=of_age,
                    number_kept=law.keep_number,
                    keep_until=check.keep_until.isoformat(),
                ),
                by=by,
                at=at,
            )
    return check


def stop_blocked(unit: RmaUnit, device: Device, rma: Rma, *, by: Actor, at: datetime) -> Hold | None:
    """A taken unit whose number is on a list is held, whoever brought it in."""
    listed = blocking.look_up(names_of(device)) if is_trade(rma) else None
    if listed is None:
        return None
    moves.note(
        device,
        fact=facts.NumberBlocked(
            rma=str(rma.pk), source=listed.source, why=listed.why or "—", scheme=f"scheme.{listed.scheme}"
        ),
        by=BUYING,
        at=at,
    )
    why = _("on the list %(list)s: %(why)s") % {"list": listed.source, "why": listed.why or _("no reason given")}
    return standing.hold(device, HoldKind.FRAUD, reason=why, by=BUYING, at=at)


# The purchase -----------------------------------------------------------------------------------------------------------------------


def buy(unit: RmaUnit, device: Device, rma: Rma, *, deduction: Decimal, by: Actor, at: datetime) -> None:
    """A taken unit becomes the buyer's: title, VAT origin and, where the law says so, a hold until a day. Within its acceptance."""
    row = truing.of_unit(unit) if is_trade(rma) else None
    if row is None:
        return
    law = agreeing.law_for(row.country, hub=rma.hub, at=row.accepted_at or at)
    promised = row.amount or Decimal(0)
    paid = promised - deduction
    if unit.line.bonus and promised:
        # Who takes less gets as much less on top of it.
        unit.line.bonus = money.rounded(unit.line.bonus * paid / promised, row.currency)
        unit.line.save(update_fields=["bonus"])
    # What is given to us for nothing is no purchase: no VAT scheme, no days of holding, no document.
    vat = law.vat(business=row.business, abroad=row.country != rma.hub.country) if promised else "none"
    until = rma.hub.calendar.after_days(at, law.holding_days) if law.holding_days and promised else None
    moves.note(
        device,
        fact=facts.Bought(
            rma=str(rma.pk),
            number=row.number,
            line=str(unit.line_id),
            amount=str(paid),
            promised=str(promised),
            currency=row.currency,
            vat=f"vat.{vat}",
            country=row.country,
            business=row.business,
            law=law.id,
            hold_until=until.isoformat() if until else None,
        ),
        by=by,
        at=at,
        set={"vat_origin": vat},
        key=f"bought:{row.pk}",
    )
    if device.owner_id != rma.seller_id:
        standing.pass_title(device, rma.seller, by=by, at=at)
    if until is not None:
        why = _("bought on %(day)s, not to be sold before %(until)s") % {
            "day": rma.hub.calendar.local(at).date().isoformat(),
            "until": rma.hub.calendar.local(until).date().isoformat(),
        }
        row.hold = standing.hold(device, HoldKind.LEGAL, reason=why, by=BUYING, at=at)
    approval.say(
        rma,
        facts.Purchased(
            number=row.number,
            tag=device.tag,
            amount=str(paid),
            currency=row.currency,
            vat=f"vat.{vat}",
            document=law.purchase_document and bool(promised),
        ),
        by=by,
        at=at,
        key=f"purchased:{row.pk}",
    )
    row.bought_at, row.paid_amount, row.vat_origin, row.hold_until = at, paid, vat, until
    row.save(update_fields=["bought_at", "paid_amount", "vat_origin", "hold_until", "hold"])


# What time brings -------------------------------------------------------------------------------------------------------------------


def held_until_now(*, at: datetime) -> list[uuid.UUID]:
    rows = TradeIn.objects.filter(hold__released_at=None, hold_until__lte=at).exclude(hold=None)
    return list(rows.values_list("pk", flat=True)[:500])


def release(pk: uuid.UUID, *, at: datetime) -> bool:
    """The days of holding are over: it may be sold. Said again, nothing happens."""
    with transaction.atomic():
        row = TradeIn.objects.select_related("hold").get(pk=pk)
        if row.hold is None:
            return False
        device = moves.take_one(row.hold.device_id)
        hold = Hold.objects.get(pk=row.hold.pk)
        if hold.released_at is not None or row.hold_until is None or at < row.hold_until:
            return False
        standing.release(device, hold, reason=_("its days of holding are over"), by=agreeing.CLOCK, at=at)
    return True


def to_forget(*, at: datetime) -> list[uuid.UUID]:
    """Trade-ins of which something personal has served: the account a month after the payment, the document after its years."""
    paid = Refund.objects.filter(status=RefundStatus.PAID, paid_at__lte=at - agreeing.KEEP_ACCOUNT)
    accounts = TradeIn.objects.filter(account__erased_at=None, rma__lines__refunds__in=paid)
    owed = Refund.objects.filter(status__in=OWED, line__rma__kind=Kind.TRADE).values("line__rma")
    ended = TradeIn.objects.filter(account__erased_at=None, rma__closed_at__lte=at - agreeing.KEEP_ACCOUNT)
    checks = TradeIn.objects.filter(identity__erased_at=None, identity__keep_until__lt=at.date())
    filed = TradeIn.objects.filter(document__artifact__erased_at=None, bought_at__lte=at - OLDEST_PAPER)
    return list(
        {*_keys(accounts.exclude(rma__in=owed)), *_keys(ended.exclude(rma__in=owed)), *_keys(checks), *_keys(filed)}
    )


def _keys(rows: object) -> list[uuid.UUID]:
    return list(rows.values_list("pk", flat=True)[:500])  # type: ignore[attr-defined]


def forget(pk: uuid.UUID, *, at: datetime) -> bool:
    row = TradeIn.objects.get(pk=pk)
    done = False
    owed = Refund.objects.filter(line__rma=row.rma_id, status__in=OWED).exists()
    paid = Refund.objects.filter(
        line__rma=row.rma_id, status=RefundStatus.PAID, paid_at__lte=at - agreeing.KEEP_ACCOUNT
    ).exists()
    closed = row.rma.closed_at if row.rma is not None else None
    if not owed and (paid or (closed is not None and closed <= at - agreeing.KEEP_ACCOUNT)):
        done = agreeing.erase_account(row, at=at)
    return _forget_identity(row, at.date(), at) or _forget_paper(row, at=at) or done


def _forget_paper(row: TradeIn, *, at: datetime) -> bool:
    """The purchase document goes when the law of its country no longer asks for it."""
    if row.bought_at is None or row.document is None:
        return False
    until = after_months(row.bought_at.date(), law_of(row, at=at).keep_months)
    return until < at.date() and papers.forget(row, at=at)


def _forget_identity(row: TradeIn, day: date, at: datetime) -> bool:
    rows = IdentityCheck.objects.filter(trade_in=row, erased_at=None, keep_until__lt=day)
    return bool(rows.update(number="", tail="", erased_at=at))


def law_of(row: TradeIn, *, at: datetime) -> tradein_law.Law:
    hub = row.rma.hub if row.rma is not None else row.hub
    return agreeing.law_for(row.country, hub=hub, at=row.accepted_at or at)
