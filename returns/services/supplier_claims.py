"""Claims to suppliers: prepared with evidence, sent, answered, and the money in the right book, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from returns.facts import recalls as facts
from returns.figures import CLAIMS
from returns.models import ClaimAsks, ClaimStatus, SupplierClaim
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.devices.services import money, moves
from revlog.evidence.models import Attachment
from revlog.terms import queries as terms
from revlog.terms.models import Warranty

PREFIX = "WC"


class UnableToClaim(DomainError):
    """This can't be claimed, sent or answered (any more)."""

    code = "unable_to_claim"


def _may(by: Actor) -> None:
    if not by.may("returns.vendor"):
        raise NotAllowed(Reason("not_allowed", _("Claims need the right to claim from vendors.")))


def book_of(device: Device) -> str:
    """Whose result the claim is, by whose the unit is; of one that was sold, by whose it was on its last stay with us."""
    kinds = {OrganizationKind.OPERATOR: "ours", OrganizationKind.CLIENT: "client"}
    owner = device.owner
    if owner.kind == OrganizationKind.BUYER and device.visit is not None:
        owner = device.visit.owner
    return kinds.get(OrganizationKind(owner.kind), "seller")


def draft(
    device: Device,
    *,
    supplier: Organization,
    asks: str,
    defect: str,
    amount: Decimal,
    currency: str = "EUR",
    warranty: Warranty | None = None,
    evidence: Sequence[Attachment] = (),
    by: Actor,
    at: datetime,
) -> SupplierClaim:
    """Prepare a claim for a unit of this visit. One that is open with the same supplier is refused by its number."""
    _may(by)
    found = []
    if asks not in ClaimAsks.values:
        found.append(Reason("asks", _("Say what is claimed."), "asks"))
    if not defect.strip():
        found.append(Reason("defect", _("Say what is wrong, as the supplier reads it."), "defect"))
    if (
        not amount.is_finite()
        or amount <= 0
        or amount >= Decimal(10) ** 9
        or amount != amount.quantize(Decimal("0.01"))
    ):
        found.append(Reason("amount", _("An amount is like 120.50, and more than nothing."), "amount"))
    rate = terms.rate(currency, at=at)
    if rate is None:
        found.append(Reason("currency", _("There is no exchange rate for %s.") % currency[:3], "currency"))
    if any(one.chain_id != device.pk for one in evidence):
        found.append(Reason("evidence", _("Evidence is of the unit itself."), "evidence"))
    if found:
        raise BadInput(found)
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        row = SupplierClaim(
            id=ids.new(at),
            number=ids.code(PREFIX),
            device=taken,
            visit_id=taken.visit_id,
            supplier=supplier,
            warranty=warranty,
            asks=asks,
            defect=" ".join(defect.split())[:500],
            amount=amount,
            currency=currency,
            drafted_by=by.reference,
            drafted_at=at,
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            other = SupplierClaim.objects.filter(
                device=device, supplier=supplier, visit=taken.visit, status__in=["draft", "sent"]
            ).first()
            raise UnableToClaim(
                Reason("claimed", _("Claim %s is open for it already.") % (other.number if other else "—"))
            ) from error
        row.evidence.set(evidence)
        moves.note(
            taken,
            fact=facts.ClaimDrafted(
                claim=str(row.pk), number=row.number, supplier=supplier.code, asks=f"claim_asks.{asks}", amount=str(amount),
                currency=currency,
            ),
            by=by,
            at=at,
        )  # fmt: skip
    return row


def _lock(claim: SupplierClaim) -> tuple[SupplierClaim, Device]:
    device = moves.take_one(claim.device_id)
    row = (
        SupplierClaim.objects.select_for_update(no_key=True, of=("self",))
        .select_related("supplier", "device__owner")
        .get(pk=claim.pk)
    )
    return row, device


def _is(row: SupplierClaim) -> dict[str, str]:
    return {"number": row.number, "status": word(f"claim.{row.status}")}


def send(claim: SupplierClaim, *, theirs: str = "", by: Actor, at: datetime) -> SupplierClaim:
    """The supplier has it: its clock runs, and the amount stands in the book. Sending it again changes nothing."""
    _may(by)
    with transaction.atomic():
        row, device = _lock(claim)
        if row.status == ClaimStatus.SENT:
            return row
        if row.status != ClaimStatus.DRAFT:
            raise UnableToClaim(Reason("not_a_draft", _("%(number)s is %(status)s.") % _is(row)))
        row.send()
        row.sent_at, row.sent_by, row.theirs = at, by.reference, theirs.strip()[:60]
        row.answer_by = at + timedelta(days=int(CLAIMS.in_force(at)["answer_days"]))
        row.save()
        entry = moves.note(
            device,
            fact=facts.ClaimSent(
                claim=str(row.pk), number=row.number, supplier=row.supplier.code, amount=str(row.amount),
                currency=row.currency, theirs=row.theirs or None, answer_by=row.answer_by.isoformat(),
            ),
            by=by,
            at=at,
        )  # fmt: skip
        money.post(
            entry=entry, account="claim", amount=row.amount, currency=row.currency, book=book_of(device), device=device,
            party=row.supplier, at=at, key=f"claim:{row.pk}:sent", rate=terms.rate(row.currency, at=at) or Decimal(1),
        )  # fmt: skip
    return row


def answer(
    claim: SupplierClaim, *, granted: Decimal, text: str = "", theirs: str = "", by: Actor, at: datetime
) -> SupplierClaim:
    """Write the supplier's answer down: all, some or nothing of it. What isn't granted is written off in the same book, once."""
    _may(by)
    with transaction.atomic():
        row, device = _lock(claim)
        found = []
        if row.status != ClaimStatus.SENT:
            found.append(Reason("not_sent", _("%(number)s is %(status)s.") % _is(row)))
        if not granted.is_finite() or not 0 <= granted <= row.amount:
            found.append(Reason("granted", _("Granted is between nothing and what was claimed."), "granted"))
        elif granted < row.amount and not text.strip():
            found.append(Reason("no_reason", _("Say why not all of it was granted."), "text"))
        if found:
            raise UnableToClaim(found)
        row.granted = granted.quantize(Decimal("0.01"))
        if granted == row.amount:
            row.grant()
        elif granted:
            row.grant_part()
        else:
            row.refuse()
        row.answered_at, row.answered_by, row.answer = at, by.reference, text.strip()[:500]
        row.theirs = theirs.strip()[:60] or row.theirs
        row.save()
        entry = moves.note(
            device,
            fact=facts.ClaimAnswered(
                claim=str(row.pk), number=row.number, supplier=row.supplier.code, granted=str(row.granted),
                amount=str(row.amount), currency=row.currency, answer=row.answer or None,
            ),
            by=by,
            at=at,
        )  # fmt: skip
        _write_off(row, device, entry, at=at)
    return row


def withdraw(claim: SupplierClaim, *, reason: str, by: Actor, at: datetime) -> SupplierClaim:
    """We don't claim it after all; what stood in the book for it is written off."""
    _may(by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is withdrawn."), "reason"))
    with transaction.atomic():
        row, device = _lock(claim)
        if row.status not in {ClaimStatus.DRAFT, ClaimStatus.SENT}:
            raise UnableToClaim(Reason("answered", _("%(number)s is %(status)s.") % _is(row)))
        was_sent = row.status == ClaimStatus.SENT
        row.withdraw()
        row.answered_at, row.answered_by, row.answer = at, by.reference, reason.strip()[:500]
        row.save()
        entry = moves.note(
            device,
            fact=facts.ClaimWithdrawn(claim=str(row.pk), number=row.number, reason=row.answer[:300]),
            by=by,
            at=at,
        )
        if was_sent:
            _write_off(row, device, entry, at=at)
    return row


def _write_off(row: SupplierClaim, device: Device, entry: Entry, *, at: datetime) -> None:
    if row.refused_amount <= 0:
        return
    money.post(
        entry=entry, account="write_off", amount=-row.refused_amount, currency=row.currency, book=book_of(device),
        device=device, party=row.supplier, at=at, key=f"claim:{row.pk}:written_off",
        rate=terms.rate(row.currency, at=at) or Decimal(1),
    )  # fmt: skip
