"""Questions about unsold goods, returns to suppliers, their defects and corrective actions: the only reads that pages and the API use."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns import reasons
from returns.figures import VENDORS
from returns.models import (
    ActionStatus,
    CorrectiveAction,
    RecallUnit,
    RmaUnit,
    RtvStatus,
    SupplierClaim,
    Unsold,
    UnsoldStatus,
    VendorReturn,
    VendorReturnLine,
)
from returns.models.vendors import OWED
from returns.queries import quotas
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import clock
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device
from revlog.terms import queries as terms
from revlog.terms.agreeing import Quota
from revlog.terms.models import Agreement

ZERO = Decimal(0)


# Unsold goods ---------------------------------------------------------------------------------------------------------------------------


def proposals(actor: Actor, *, unsold: str = "", way: str = "", supplier: str = "") -> QuerySet[Unsold]:
    """What is proposed and nobody decided: what cost most first."""
    rows = Unsold.objects.visible_to(actor).filter(status=UnsoldStatus.OPEN)
    if unsold:
        rows = rows.filter(unsold=unsold)
    if way:
        rows = rows.filter(best="" if way == "none" else way)
    if supplier:
        rows = rows.filter(device__purchase__supplier__code=supplier)
    return rows.select_related("device__product", "device__location", "device__purchase__supplier")


def unsold_totals(actor: Actor) -> dict[str, dict[str, Any]]:
    """Per class: how many, how many pieces, what they cost, and what their best ways would bring."""
    rows = (
        Unsold.objects.visible_to(actor)
        .filter(status=UnsoldStatus.OPEN)
        .order_by()
        .values("unsold")
        .annotate(
            units=Count("id"), pieces=Sum("device__quantity"), value=Sum("value"), net=Sum("net"), since=Min("found_at")
        )
    )
    return {row["unsold"]: dict(row) for row in rows}


# Returns to suppliers -------------------------------------------------------------------------------------------------------------------


def suppliers(actor: Actor) -> QuerySet[Organization]:
    """Suppliers as the operator's people see them; a supplier's people see their own."""
    rows = Organization.objects.filter(kind=OrganizationKind.SUPPLIER, active=True).order_by("name")
    return rows if actor.is_operator else rows.filter(pk__in=[actor.organization_id])


def rtvs(actor: Actor, *, status: str = "", supplier: str = "") -> QuerySet[VendorReturn]:
    rows = VendorReturn.objects.visible_to(actor).select_related("supplier", "hub", "agreement")
    if status in RtvStatus.values:
        rows = rows.filter(status=status)
    return rows.filter(supplier__code=supplier) if supplier else rows


def with_sums(rows: QuerySet[VendorReturn]) -> QuerySet[VendorReturn]:
    """Each with its pieces, what it cost, and what is expected and credited."""
    return rows.annotate(
        pieces=Sum("lines__quantity"),
        value=Sum(F("lines__price") * F("lines__quantity")),
        expected=Sum("lines__expected"),
        credited=Sum("lines__credited"),
    )


def rtv(number: str, actor: Actor) -> VendorReturn | None:
    return rtvs(actor).select_related("shipment", "document").filter(number=number.strip().upper()).first()


def waiting_for_vendor(actor: Actor) -> QuerySet[Device]:
    """What goes back to a vendor and is on no return yet."""
    return (
        Device.objects.visible_to(actor)
        .filter(
            disposition=Disposition.RETURN_TO_VENDOR.value,
            state__in=[State.TO_RETURN.value, State.TO_SANITIZE.value],
        )
        .exclude(vendor_lines__is_open=True)
        .select_related("product", "location", "purchase__supplier")
        .order_by("purchase__supplier__name", "state_since", "id")
    )


# A supplier -----------------------------------------------------------------------------------------------------------------------------


@dataclass
class Defect:
    """What is known against a model or lot of a supplier, and where it is proved."""

    product: str
    lot: str
    claims: int = 0
    returns: int = 0
    recalled: int = 0
    evidence: list[tuple[str, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.claims + self.returns + self.recalled


def defects_of(supplier: Organization) -> list[Defect]:
    """By model and lot: claims to them, faults that inspection confirmed in what was bought of them, and what was called back of it."""
    found: dict[tuple[str, str], Defect] = {}

    def at(device: Device) -> Defect:
        key = (str(device.product or device.model or device.face), device.lot)
        return found.setdefault(key, Defect(*key))

    for claim in (
        SupplierClaim.objects.filter(supplier=supplier).select_related("device__product").order_by("-drafted_at")[:500]
    ):
        one = at(claim.device)
        one.claims += 1
        one.evidence.append((claim.number, reverse("supplier_claim", args=[claim.number])))
    faults = [code for code in reasons.CODES if reasons.group(code) in {"fault", "safety"}]
    units = (
        RmaUnit.objects.filter(device__purchase__supplier=supplier, line__confirmed_reason__in=faults)
        .select_related("device__product", "line__rma")
        .order_by("-pk")[:500]
    )
    for unit in units:
        if unit.device is None:
            continue
        one = at(unit.device)
        one.returns += 1
        one.evidence.append((unit.line.rma.number, reverse("returns_rma", args=[unit.line.rma.number])))
    recalled = (
        RecallUnit.objects.filter(device__purchase__supplier=supplier, recall__mock=False)
        .select_related("device__product", "recall")
        .order_by("-pk")[:500]
    )
    for row in recalled:
        if row.device is None:
            continue
        one = at(row.device)
        one.recalled += 1
        one.evidence.append((row.recall.number, reverse("recall", args=[row.recall.number])))
    for one in found.values():
        one.evidence = list(dict.fromkeys(one.evidence))[:6]
    return sorted(found.values(), key=lambda one: (-one.total, one.product, one.lot))


@dataclass(frozen=True)
class Standing:
    """A supplier in figures: what was bought this year, what went back, what was credited, what is owed."""

    bought: Decimal
    returned: Decimal
    credited: Decimal
    owed: Decimal
    claimed: Decimal
    granted: Decimal
    open_rtvs: int


def standing_of(supplier: Organization, *, at: datetime) -> Standing:
    year = at.date().replace(month=1, day=1)
    lines = VendorReturnLine.objects.filter(rtv__supplier=supplier)
    sent = lines.filter(rtv__shipped_at__isnull=False).aggregate(
        value=Sum(F("price") * F("quantity")), credited=Sum("credited")
    )
    owed = lines.filter(rtv__status__in=[one.value for one in OWED]).aggregate(left=Sum(F("expected") - F("credited")))
    claimed = SupplierClaim.objects.filter(supplier=supplier).aggregate(amount=Sum("amount"), granted=Sum("granted"))
    counted = Counter(VendorReturn.objects.filter(supplier=supplier).values_list("status", flat=True))
    over = {RtvStatus.CLOSED.value, RtvStatus.REFUSED.value, RtvStatus.CANCELLED.value}
    return Standing(
        bought=terms.bought_of(supplier, begins=year, ends=at.date()),
        returned=sent["value"] or ZERO,
        credited=sent["credited"] or ZERO,
        owed=owed["left"] or ZERO,
        claimed=claimed["amount"] or ZERO,
        granted=claimed["granted"] or ZERO,
        open_rtvs=sum(n for status, n in counted.items() if status not in over),
    )


def quota_of(supplier: Organization, *, at: datetime) -> tuple[Agreement, Quota] | None:
    row = terms.agreement_with(supplier, on=at.date())
    return (row, quotas.quota(row, on=at.date())) if row is not None else None


def quotas_of(suppliers: Iterable[Organization], *, at: datetime) -> dict[uuid.UUID, tuple[Agreement, Quota]]:
    """As `quota_of`, for many at once; who has no agreement is missing."""
    wanted = {one.pk for one in suppliers}
    rows = {pk: row for pk, row in terms.agreements_on(at.date()).items() if pk in wanted}
    left = quotas.quotas(rows.values(), on=at.date())
    return {pk: (row, left[pk]) for pk, row in rows.items()}


def actions(actor: Actor, *, supplier: Organization | None = None) -> QuerySet[CorrectiveAction]:
    rows = CorrectiveAction.objects.visible_to(actor).select_related("supplier", "product")
    return rows.filter(supplier=supplier) if supplier is not None else rows


# The inbox ------------------------------------------------------------------------------------------------------------------------------


def exceptions(actor: Actor, *, at: datetime | None = None) -> list[ExceptionRow]:
    """Unsold goods that nobody decided about, what suppliers are late with, and corrective actions that are due."""
    now = at or clock.now()
    if not actor.is_operator:
        return []
    return [*_unsold(actor), *_late(actor, now), *_actions(actor, now)]


def _unsold(actor: Actor) -> list[ExceptionRow]:
    """One row a class: hundreds of units are one decision."""
    return [
        ExceptionRow(
            key=f"unsold:{name}",
            kind="exception.unsold",
            sentence=ngettext(
                "%(units)s unit or lot is unsold: %(what)s.",
                "%(units)s units and lots are unsold: %(what)s.",
                row["units"],
            )
            % {"units": row["units"], "what": word(f"unsold.{name}")},
            thing=word(f"unsold.{name}"),
            url=f"{reverse('unsold')}?class={name}",
            owner=_("planner"),
            since=row["since"],
            due=row["since"] + timedelta(days=14),
            money_at_risk=row["value"],
            next_action=_("Decide"),
        )
        for name, row in sorted(unsold_totals(actor).items())
    ]


def _late(actor: Actor, now: datetime) -> list[ExceptionRow]:
    soon = now.date() + timedelta(days=int(VENDORS.in_force(now)["lapse_days"]))
    rows = with_sums(
        rtvs(actor).filter(
            Q(status=RtvStatus.ASKED, answer_by__lt=now)
            | Q(status__in=[RtvStatus.AUTHORIZED, RtvStatus.PACKED], until__lte=soon)
            | Q(status__in=[RtvStatus.SHIPPED, RtvStatus.PARTLY], credit_by__lt=now)
            | Q(status=RtvStatus.DISPUTED)
        )
    ).order_by("drafted_at")
    return [_row(row, now) for row in rows[:200]]


def _row(row: Any, now: datetime) -> ExceptionRow:  # noqa: ANN401 - with the sums that the query adds
    left = (row.expected or ZERO) - (row.credited or ZERO)
    told = {"supplier": row.supplier.name, "number": row.number, "day": row.until.isoformat() if row.until else ""}
    url = reverse("rtv", args=[row.number])
    if row.status == RtvStatus.ASKED:
        return ExceptionRow(
            key=f"rtv:{row.pk}", kind="exception.rtv_unanswered",
            sentence=_("%(supplier)s hasn't said whether they take %(number)s.") % told, thing=row.number, url=url,
            owner=_("planner"), since=row.asked_at, due=row.answer_by, money_at_risk=left, currency=row.currency,
            next_action=_("Ask again"),
        )  # fmt: skip
    if row.status in {RtvStatus.AUTHORIZED, RtvStatus.PACKED}:
        return ExceptionRow(
            key=f"rtv:{row.pk}", kind="exception.rtv_lapsing",
            sentence=_("%(supplier)s takes %(number)s until %(day)s only.") % told, thing=row.number, url=url,
            owner=_("packer"), since=row.answered_at,
            due=now.replace(year=row.until.year, month=row.until.month, day=row.until.day), money_at_risk=left,
            currency=row.currency, next_action=_("Ship it"),
        )  # fmt: skip
    sentence = (
        _("%(supplier)s and we don't agree on the credit for %(number)s.")
        if row.status == RtvStatus.DISPUTED
        else _("%(supplier)s hasn't credited all of %(number)s.")
    )
    return ExceptionRow(
        key=f"rtv:{row.pk}", kind="exception.rtv_uncredited", sentence=sentence % told, thing=row.number, url=url,
        owner=_("planner"), since=row.shipped_at, due=row.credit_by, money_at_risk=left, currency=row.currency,
        next_action=_("Ask for the credit"),
    )  # fmt: skip


def _actions(actor: Actor, now: datetime) -> list[ExceptionRow]:
    waiting = (ActionStatus.OPEN.value, ActionStatus.DONE.value)
    found = actions(actor).filter(status__in=waiting).order_by("due_on")[:200]
    return [
        ExceptionRow(
            key=f"action:{row.pk}",
            kind="exception.action_due",
            sentence=_("It is said to be done; somebody else verifies that it helped.")
            if row.status == ActionStatus.DONE
            else _("A corrective action is open: %s") % row.problem,
            thing=f"{row.supplier.name} {row.number}",
            url=reverse("corrective_action", args=[row.number]),
            owner=_("quality") if row.status == ActionStatus.DONE else row.owner,
            since=row.opened_at,
            due=now.replace(year=row.due_on.year, month=row.due_on.month, day=row.due_on.day),
            next_action=_("Verify") if row.status == ActionStatus.DONE else _("Follow it up"),
        )
        for row in found
    ]
