"""What follows from facts: labels, mails, payments, and acceptance once a unit is graded."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from refurb import facts as refurb_facts
from returns import facts, payments
from returns.facts import fraud as fraud_facts
from returns.facts import ways as way_facts
from returns.models import (
    CaseMessage,
    Charge,
    ChargeFor,
    ChargeStatus,
    Kind,
    Refund,
    RefundStatus,
    Review,
    ReviewStatus,
    Rma,
    StoreCredit,
)
from returns.services import (
    accepting,
    bouncing,
    charges,
    closing,
    crediting,
    credits,
    importing,
    keeping,
    labels,
    letters,
    offers,
    refunds,
    rematching,
    repairing,
    trials,
)
from returns.services.tradein import paying
from returns.services.ways import booking
from revlog.accounts import actors
from revlog.accounts.models import Organization
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.outbox import on
from revlog.devices import facts as device_facts
from revlog.devices.journey import Disposition
from revlog.devices.models import Device
from revlog.evidence.pdf.qr import qr_png
from revlog.terms import facts as terms_facts
from revlog.terms.models import Contact
from revlog.terms.services import messages
from triage import facts as triage_facts

LABELS = actors.system("returns.labels")
Finish = Callable[[], object]


def _rma(pk: object) -> Rma | None:
    return (
        Rma.objects.select_related("order", "seller", "contact", "hub__organization")
        .filter(pk=uuid.UUID(str(pk)))
        .first()
    )


@on(facts.RmaApproved, facts.ParcelPlanned, queue="documents", slow=True)
def make_labels(entry: Entry, *, at: datetime) -> Finish | None:
    """A label for each parcel that has none yet."""
    rma = _rma(entry.chain_id)
    if rma is None:
        return None
    made = labels.draw(rma, at=entry.occurred_at)
    return lambda: labels.issue(rma, made, by=LABELS, at=at)


@on(facts.TrialStarted, facts.TrialResumed, queue="jobs", slow=True)
def try_rules(entry: Entry, *, at: datetime) -> Finish | None:
    """Decide past cases again by drafted rules; what was done of it stays done, so a worker that dies loses one portion."""
    trials.run(uuid.UUID(entry.payload["trial"]), by=trials.TRIALS, at=at)
    return None


@on(facts.RefundDue, queue="outside", slow=True)
def pay(entry: Entry, *, at: datetime) -> Finish | None:
    """Ask the provider, first whether it has paid already: the worker before us may have died after asking."""
    refund = Refund.objects.select_related("line__rma", "line__order_line__order").get(pk=entry.payload["refund"])
    if refund.status != RefundStatus.DUE:
        return None
    source, attempt = refund.line.order_line.order.payment, refund.attempt
    name = refund.provider or payments.for_order(source)
    if not refund.amount:
        return lambda: refunds.paid(refund.pk, provider=name, reference="nothing to pay", at=at)
    if paying.by_file(refund):
        return None  # a person draws up a file of those, and another one releases it
    provider = payments.provider(name)
    try:
        done = provider.find(refund.key, source=source) or provider.pay(
            key=refund.key,
            amount=refund.amount,
            currency=refund.currency,
            subject=refund.line.rma.number,
            source=source,
            at=at,
        )
    except payments.Declined as declined:
        why = declined.sentence
        return lambda: bouncing.failed(refund.pk, why=why, attempt=attempt, at=at)
    if done.amount != refund.amount or done.currency != refund.currency:
        raise ValueError(f"The provider paid {done.amount} {done.currency} for {refund.amount} {refund.currency}.")
    return lambda: refunds.paid(refund.pk, provider=name, reference=done.reference, at=at)


@on(facts.RmaApproved)
def begin(entry: Entry, *, at: datetime) -> None:
    """What needn't wait for a parcel: what is due for things that stay, and the deposit for a new one that is sent first."""
    keeping.begin(entry.chain_id, at=at)


@on(facts.RmaCancelled, facts.RmaRefused, facts.RmaExpired)
def forget_charges(entry: Entry, *, at: datetime) -> None:
    """A return that has ended asks for no money, and gives back what it holds."""
    keeping.forget_charges(entry.chain_id, at=at)


@on(facts.ChargeHeld, facts.ChargePaid, facts.ChargeFailed, facts.DepositKept, facts.DepositReleased)
def go_on(entry: Entry, *, at: datetime) -> None:
    """The money that a line waited for is there, or gone where it belongs."""
    closing.settle_again(entry.chain_id, at=at)


@on(facts.CreditDue)
def give_credit(entry: Entry, *, at: datetime) -> None:
    """A credit is ours to give: it needs no provider, and is given in the transaction that says so."""
    credits.issue(uuid.UUID(str(entry.payload["refund"])), at=at)


@on(facts.ChargeAsked, queue="outside", slow=True)
def ask_for_money(entry: Entry, *, at: datetime) -> Finish | None:
    """Tell the provider what the customer is to pay, unless it knows already."""
    charge = Charge.objects.select_related("line__rma").get(pk=entry.payload["charge"])
    if charge.status != ChargeStatus.ASKED or charge.reference:
        return None
    name, key = payments.name(), str(charge.pk)
    provider = payments.provider(name)
    asked = provider.state(key) or provider.ask(
        key=key,
        amount=charge.amount,
        currency=charge.currency,
        subject=charge.line.rma.number,
        hold=charge.purpose == ChargeFor.DEPOSIT,
        at=at,
    )
    return lambda: charges.told(charge.pk, provider=name, asked=asked)


@on(facts.ChargeDropped, queue="outside", slow=True)
def ask_no_longer(entry: Entry, *, at: datetime) -> Finish | None:
    """Let the provider forget what the customer needn't pay any more."""
    charge = Charge.objects.get(pk=entry.payload["charge"])
    payments.provider(charge.provider).release(key=str(charge.pk), at=at)
    return None


@on(facts.DepositDecided, queue="outside", slow=True)
def keep_or_give_back(entry: Entry, *, at: datetime) -> Finish | None:
    """Do with a deposit what was decided; first ask whether it was done: the worker before us may have died after it."""
    charge = Charge.objects.get(pk=entry.payload["charge"])
    if charge.status not in {ChargeStatus.KEEPING, ChargeStatus.RELEASING}:
        return None
    provider, key = payments.provider(charge.provider), str(charge.pk)
    now = provider.state(key)
    if now is None or now.status == "held":
        now = (
            provider.release(key=key, at=at)
            if charge.kept is None
            else provider.capture(key=key, amount=charge.kept, at=at)
        )
    if now is None:
        raise ValueError(f"The provider knows nothing of the deposit {key}.")
    return lambda: charges.done(charge.pk, asked=now, at=at)


MAILS: Mapping[type[Fact], str] = {
    facts.RmaOpened: "requested",
    facts.RmaApproved: "approved",
    facts.RmaRefused: "refused",
    facts.RmaCancelled: "cancelled",
    facts.ParcelArrived: "arrived",
    way_facts.TakenAtCounter: "receipt",
    way_facts.PickupMissed: "pickup_missed",
    facts.RefundPosted: "refunded",
    facts.CreditIssued: "credit",
    facts.ExchangeOrdered: "exchanged",
    facts.ChargeAsked: "charge",
    facts.ChargeHeld: "charge_came",
    facts.ChargePaid: "charge_came",
    facts.DepositReleased: "deposit_back",
    facts.DepositKept: "deposit_kept",
    facts.NewOneMissing: "not_in_stock",
    facts.WishChanged: "wish_changed",
    facts.HandInReminded: "reminder",
    facts.PhotosReminded: "photos",
    facts.RmaExpired: "expired",
    facts.ReturnRefused: "not_taken",
    facts.SentBack: "sent_back",
    facts.OfferMade: "offer",
    facts.OfferLapsed: "offer_lapsed",
    facts.OfferWithdrawn: "offer_withdrawn",
    facts.AppealOpened: "appeal",
    facts.AppealDecided: "appeal_decided",
    facts.DeskWrote: "message",
    fraud_facts.RefundHeld: "held",
    fraud_facts.PaymentDenied: "denied",
    fraud_facts.ReviewReopened: "objected",
    fraud_facts.ReviewEnded: "cleared",
}
_MAILS = {fact.kind: name for fact, name in MAILS.items()}


@on(*MAILS, queue="outside", slow=True)
def write_to_customer(entry: Entry, *, at: datetime) -> Finish | None:
    """The mail for what happened, at least once, under a Message-ID that never changes."""
    told = entry.payload
    rma = _rma(told["rma"]) if entry.kind in _OF_UNITS and told.get("rma") else _rma(entry.chain_id)
    if rma is None or (entry.kind == facts.RmaOpened.kind and not told["waits"]) or _said_better(entry, rma):
        return None
    if entry.kind == facts.RefundPosted.kind and rma.kind == Kind.TRADE and not Decimal(told["amount"]):
        return None  # handed in to be recycled
    amount = Decimal(told["amount"]) if "amount" in told else None
    more = {"told": told, "amount": amount, "written": _written(entry)}
    if "credit" in told:
        more["credit"] = StoreCredit.objects.get(pk=told["credit"])
    if told.get("object_by"):
        more["object_by"] = datetime.fromisoformat(told["object_by"])
    if entry.kind == facts.PhotosReminded.kind:
        more["until"] = datetime.fromisoformat(told["until"])
    if "keep_from" in told:
        more["keep_from"] = datetime.fromisoformat(told["keep_from"])
    code = booking.code_to_show(rma) if entry.kind == facts.RmaApproved.kind else ""
    more["code_attached"] = bool(code)
    message = letters.write(rma, entry, _MAILS[entry.kind], at=entry.occurred_at, more=more)
    if message is None:
        return None
    messages.send(message, pictures={f"{rma.number}.png": qr_png(code)} if code else None)
    return lambda: messages.sent(message, at=at)


def _said_better(entry: Entry, rma: Rma) -> bool:
    """Whether the closer look tells it in a letter of its own, or tells the customer nothing new."""
    if entry.kind == facts.RmaRefused.kind:
        return Review.objects.filter(rma=rma, status=ReviewStatus.CONFIRMED).exists()
    return entry.kind == fraud_facts.ReviewEnded.kind and not entry.payload["objected"]


def _written(entry: Entry) -> str:
    """What the desk wrote, which the chain doesn't know."""
    if entry.kind != facts.DeskWrote.kind:
        return ""
    return CaseMessage.objects.filter(pk=entry.payload["message"]).values_list("text", flat=True).first() or ""


@on(facts.LinkAsked, queue="outside", slow=True)
def mail_link(entry: Entry, *, at: datetime) -> Finish | None:
    """A link to everything of an e-mail, to its mailbox."""
    contact = Contact.objects.filter(pk=entry.payload["contact"]).first()
    seller = Organization.objects.filter(pk=entry.owner_id).first() if entry.owner_id else None
    if contact is None or seller is None:
        return None
    message = letters.write_link(contact, seller, entry, at=entry.occurred_at)
    if message is None:
        return None
    messages.send(message)
    return lambda: messages.sent(message, at=at)


_OF_UNITS = frozenset(
    fact.kind
    for fact in (facts.ReturnRefused, facts.SentBack, facts.OfferMade, facts.OfferLapsed, facts.OfferWithdrawn)
)


@on(
    triage_facts.Graded,
    triage_facts.SecondLookDone,
    triage_facts.SecondLookLapsed,
    triage_facts.ContradictionSettled,
    device_facts.HoldReleased,
    facts.TroubleResolved,
)
def accept(entry: Entry, *, at: datetime) -> None:
    """Graded, and nothing stands against it (any more): what came is what was sold, so it is accepted and the money is due."""
    device = Device.objects.select_related("visit").filter(pk=entry.chain_id).first()
    if device is not None:
        offers.take_back(device, at=at)


@on(triage_facts.Disposed)
def begin_repair(entry: Entry, *, at: datetime) -> None:
    """To be repaired and sent back: what we owe may begin at once."""
    if entry.payload["disposition"] == Disposition.REPAIR_AND_RETURN:
        device = Device.objects.filter(pk=entry.chain_id).first()
        if device is not None:
            repairing.sent_to_the_bench(device, at=at)


@on(refurb_facts.RepairQuoted)
def ask_about_repair(entry: Entry, *, at: datetime) -> None:
    """The bench says what it would cost: its owner is asked."""
    device = Device.objects.filter(pk=entry.chain_id).first()
    told = entry.payload
    if device is not None:
        repairing.quoted(
            device, lines=told["lines"], amount=Decimal(told["amount"]), words=told.get("words", ""), at=at
        )


@on(facts.ChargePaid, facts.ChargeDropped)
def repair_or_not(entry: Entry, *, at: datetime) -> None:
    """A repair was paid, and may begin; or it wasn't by its date, and goes back."""
    if entry.payload["purpose"] != f"charge_for.{ChargeFor.REPAIR.value}":
        return
    charge = Charge.objects.select_related("line").get(pk=entry.payload["charge"])
    if entry.kind == facts.ChargePaid.kind:
        repairing.paid(charge, at=at)
    else:
        repairing.not_paid(charge, at=at)


@on(refurb_facts.WorkFailed)
def instead_of_repair(entry: Entry, *, at: datetime) -> None:
    """It could not be mended: its owner chooses, or gets it back."""
    device = Device.objects.filter(pk=entry.chain_id).first()
    if device is not None:
        repairing.failed(device, at=at)


@on(device_facts.WrittenOff)
def lose(entry: Entry, *, at: datetime) -> None:
    device = Device.objects.filter(pk=entry.chain_id).first()
    if device is not None:
        accepting.lost_with_us(device, at=at)


@on(facts.ImportAsked, queue="jobs", slow=True)
def import_past(entry: Entry, *, at: datetime) -> Finish | None:
    """A turn at an import that was asked for in the browser; the next one is asked for with its end."""
    return importing.work(entry.chain_id, at=at)


@on(facts.ImportFinished, queue="jobs", slow=True)
def match_again(entry: Entry, *, at: datetime) -> Finish | None:
    """What it brought may be what credit notes of earlier files gave back."""
    rematching.behind(entry.chain_id, at=at)
    return None


@on(terms_facts.ContactErased)
def forget_number(entry: Entry, *, at: datetime) -> None:
    """Rows that an import kept say a customer's number; it goes with the person."""
    crediting.forget(uuid.UUID(str(entry.payload["contact"])))
