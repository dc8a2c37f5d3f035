"""Questions about returns that are looked at closely: the queue, the evidence behind each signal, links between accounts, the inbox."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from returns import reasons
from returns.fraud import rules
from returns.models import (
    Assessment,
    Discrepancy,
    PersonKey,
    Refund,
    RefundStatus,
    Review,
    ReviewStatus,
    Rma,
    RmaLine,
    RmaStatus,
    Trouble,
)
from returns.queries import arrival
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow
from revlog.terms import queries as terms
from revlog.terms.conditions import facts_of
from revlog.terms.models import Contact

DECIDED = (ReviewStatus.CLEARED, ReviewStatus.CONFIRMED, ReviewStatus.INSPECTED, ReviewStatus.LAPSED)
MOST = 20
"""So many things are shown behind one signal."""


# By the clock -----------------------------------------------------------------------------------------------------------------------


def to_be_paid(*, at: datetime, rma: uuid.UUID | None = None, most: int = 500) -> list[uuid.UUID]:
    """Returns whose money is held beyond the day on which the law wants it paid."""
    rows = Review.objects.filter(status=ReviewStatus.OPEN, held=True, pay_by__lte=at)
    rows = rows.filter(rma=rma) if rma is not None else rows
    return list(rows.values_list("rma", flat=True)[:most])


def not_objected(*, at: datetime, rma: uuid.UUID | None = None, most: int = 500) -> list[uuid.UUID]:
    """Returns whose customer could object until now, and didn't."""
    rows = Review.objects.filter(status=ReviewStatus.CONFIRMED, object_by__lte=at)
    rows = rows.filter(rma=rma) if rma is not None else rows
    return list(rows.values_list("rma", flat=True)[:most])


# The queue --------------------------------------------------------------------------------------------------------------------------


def queue(actor: Actor, *, status: str = ReviewStatus.OPEN.value, most: int = 200) -> list[Review]:
    """Reviews of one status: open ones by score and by the money at risk, decided ones newest first."""
    lines = RmaLine.objects.filter(rma=OuterRef("rma")).order_by().values("rma")
    # Asked for each row that is shown: summed in a join, all that were ever decided would be.
    at_risk = lines.annotate(total=Sum(F("price") * F("quantity"))).values("total")
    rows = (
        Review.objects.visible_to(actor)
        .filter(status=status)
        .select_related("rma__seller", "rma__order", "rma__hub")
        .annotate(at_risk=Subquery(at_risk))
    )
    by = ("-points", "-at_risk", "decide_by") if status == ReviewStatus.OPEN else ("-decided_at",)
    return list(rows.order_by(*by)[:most])


def counts(actor: Actor) -> dict[str, int]:
    """How many reviews there are of each status; of what nobody has to look at, none."""
    rows = Review.objects.visible_to(actor).exclude(status=ReviewStatus.WATCHED).order_by()
    return {row["status"]: row["n"] for row in rows.values("status").annotate(n=Count("*"))}


def cleared_share(actor: Actor, *, since: datetime) -> tuple[int, int]:
    """How many returns were held and let go after all, of how many held ones that were decided: the false alarms."""
    decided = Review.objects.visible_to(actor).filter(was_held=True, decided_at__gte=since, status__in=DECIDED)
    return decided.exclude(status=ReviewStatus.CONFIRMED).count(), decided.count()


def review(rma: Rma, actor: Actor) -> Review | None:
    return Review.objects.visible_to(actor).filter(rma=rma).first()


def assessment(rma: Rma) -> Assessment | None:
    return Assessment.objects.filter(rma=rma).order_by("-number").first()


def newest() -> QuerySet[Assessment]:
    """The newest score of each RMA."""
    return Assessment.objects.order_by("rma_id", "-number").distinct("rma_id")


def assessments(rmas: Iterable[uuid.UUID]) -> dict[uuid.UUID, Assessment]:
    """The newest scores of these RMAs."""
    return {row.rma_id: row for row in newest().filter(rma__in=list(rmas))}


# Evidence ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """One thing behind a signal, and where it is shown."""

    label: str
    url: str


def evidence(rma: Rma, codes: Sequence[str]) -> dict[str, list[Evidence]]:
    """What stands behind each signal, by its code: returns, parcels, what differed, photos, other accounts."""
    in_force = terms.in_force(rules.KIND, at=clock.now(), organization=rma.seller_id).compiled
    compared = {rule.id: facts_of(rule.when) for rule in in_force.rules}
    found: dict[str, list[Evidence]] = {}
    for code in codes:
        rows = [one for name in compared.get(code, ()) if name in BEHIND for one in BEHIND[name](rma)]
        found[code] = list(dict.fromkeys(rows))[:MOST]
    return found


def _same_person(rma: Rma) -> Q:
    email = rma.contact.email
    return Q(contact=rma.contact_id) | Q(contact__email=email) if email else Q(contact=rma.contact_id)


def earlier(rma: Rma) -> QuerySet[Rma]:
    """Other returns of the same person to the same seller, within the year before."""
    rows = Rma.objects.filter(_same_person(rma), seller=rma.seller_id, opened_at__lte=rma.opened_at)
    return rows.filter(opened_at__gt=rma.opened_at - timedelta(days=365)).exclude(pk=rma.pk).order_by("-opened_at")


def _returns(rows: QuerySet[Rma]) -> list[Evidence]:
    return [
        Evidence(f"{row.number}, {word(f'rma.{row.status}')}", reverse("returns_rma", args=[row.number]))
        for row in rows[:MOST]
    ]


def _troubles(rma: Rma, *kinds: Trouble) -> list[Evidence]:
    rows = Discrepancy.objects.filter(rma=rma, kind__in=kinds).order_by("raised_at")[:MOST]
    return [Evidence(word(row.kind), reverse("returns_trouble", args=[row.pk])) for row in rows]


def _orders(rma: Rma) -> list[Evidence]:
    return [Evidence(_("Order %s") % rma.order.number, reverse("order", args=[rma.order_id]))]


def _linked(rma: Rma, *kinds: str) -> list[Evidence]:
    return [
        Evidence(one.label, f"{reverse('fraud_case', args=[rma.number])}#links")
        for one in links(rma)
        if not kinds or one.kind in kinds
    ]


BEHIND: Mapping[str, Callable[[Rma], list[Evidence]]] = {
    "returns_7": lambda rma: _returns(earlier(rma).filter(opened_at__gt=rma.opened_at - timedelta(days=7))),
    "returns_30": lambda rma: _returns(earlier(rma).filter(opened_at__gt=rma.opened_at - timedelta(days=30))),
    "return_rate": lambda rma: _returns(earlier(rma)),
    "refund_share": lambda rma: _returns(earlier(rma)),
    "never_came": lambda rma: _returns(earlier(rma).filter(Q(status=RmaStatus.EXPIRED) | Q(lines__settled_as="not_received")).distinct()),
    "kept_before": lambda rma: _returns(earlier(rma).filter(lines__goods__in=["keep", "donate"]).distinct()),
    "first_order": _orders,
    "value_percent": _orders,
    "claims_before": lambda rma: _returns(earlier(rma).filter(lines__reason__in=reasons.NOT_HERE).distinct()),
    "empty_boxes_before": lambda rma: _returns(earlier(rma).filter(discrepancies__kind=Trouble.EMPTY_BOX).distinct()),
    "advances_kept": lambda rma: _returns(earlier(rma).filter(lines__wanted="advance", lines__charges__kept__gt=0).distinct()),
    "confirmed_before": lambda rma: _returns(
        Rma.objects.filter(_same_person(rma), seller=rma.seller_id, review__status=ReviewStatus.CONFIRMED).exclude(pk=rma.pk)
    ),
    "same_address": lambda rma: _linked(rma, "address"),
    "same_mailbox": lambda rma: _linked(rma, "mailbox"),
    "same_payment": lambda rma: _linked(rma, "payment"),
    "linked_returns_30": _linked,
    "linked_confirmed": _linked,
    "photos_reused": lambda rma: [
        Evidence(_("Shown in %s") % other.number, reverse("returns_rma", args=[other.number]))
        for _digest, other in arrival.photos_of_others(rma)
    ],
    "wrong_serials": lambda rma: _troubles(rma, Trouble.WRONG_SERIAL),
    "serial_never_sold": lambda rma: _troubles(rma, Trouble.WRONG_SERIAL),
    "no_serials": lambda rma: _troubles(rma, Trouble.NO_SERIAL),
    "empty_boxes": lambda rma: _troubles(rma, Trouble.EMPTY_BOX),
    "short_percent": lambda rma: _troubles(rma, Trouble.SHORT_COUNT),
    "weight_missing": lambda rma: [
        Evidence(
            _("%(tracking)s: %(grams)s g, at least %(expected)s g expected")
            % {"tracking": parcel.tracking, "grams": parcel.grams, "expected": expected},
            f"{reverse('fraud_case', args=[rma.number])}#weight",
        )
        for parcel, expected in arrival.weights(rma)
    ],
    "on_a_list": lambda rma: [
        Evidence(one.tag, reverse("unit", args=[one.tag])) for one in arrival.on_a_list(rma)
    ],
    "imei_of_another_model": lambda rma: [
        Evidence(unit.device.tag, reverse("unit", args=[unit.device.tag]))
        for unit in arrival.phones(rma)
        if unit.device is not None and arrival.mismatched(unit)
    ],
}  # fmt: skip


# Links ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """Another account that shares something with this one: known by its id alone, with what became of its returns."""

    contact: uuid.UUID
    kind: str
    returns: int
    confirmed: int
    newest: str
    """Number of its newest return."""

    @property
    def label(self) -> str:
        return _("Account %(id)s: %(what)s") % {"id": str(self.contact)[:8], "what": word(f"risk_key.{self.kind}")}


def links(rma: Rma) -> list[Link]:
    """Which accounts share what with the one of this return, each account once for each thing that it shares."""
    own = PersonKey.objects.filter(contact=rma.contact_id).values("digest")
    rows = PersonKey.objects.filter(digest__in=own).exclude(contact=rma.contact_id).select_related("contact")
    if rma.contact.email:
        rows = rows.exclude(contact__email=rma.contact.email)
    shared: dict[tuple[str, str], list[Contact]] = {}
    for row in rows.order_by("kind", "-pk")[:200]:
        account = row.contact.email or str(row.contact_id)
        shared.setdefault((row.kind, account), []).append(row.contact)
    told = dict(list(shared.items())[:MOST])
    returned: dict[uuid.UUID, list[tuple[datetime, str, bool]]] = {
        one.pk: [] for contacts in told.values() for one in contacts
    }
    theirs = Rma.objects.filter(contact__in=returned, seller=rma.seller_id).order_by()
    for contact, at, number, status in theirs.values_list("contact", "opened_at", "number", "review__status"):
        returned[contact].append((at, number, status == ReviewStatus.CONFIRMED))
    found = []
    for (kind, _account), contacts in told.items():
        rmas = [one for contact in contacts for one in returned[contact.pk]]
        newest_one = max(rmas)[1] if rmas else ""
        found.append(Link(contacts[0].pk, kind, len(rmas), sum(sure for _at, _number, sure in rmas), newest_one))
    return found


# The inbox --------------------------------------------------------------------------------------------------------------------------


SEEN: Mapping[str, str] = {
    Trouble.EMPTY_BOX: "empty_boxes",
    Trouble.WRONG_SERIAL: "wrong_serials",
    Trouble.NO_SERIAL: "no_serials",
    Trouble.SHORT_COUNT: "short_percent",
}
"""What rules compare of each discrepancy: a signal that compared it and a discrepancy of its kind are one finding."""


def exceptions(actor: Actor, *, at: datetime) -> list[ExceptionRow]:
    """What waits for a decision, for those who may decide; near its date it is the manager's."""
    return [row for _review, row in waiting(actor, at=at)]


def waiting(actor: Actor, *, at: datetime) -> list[tuple[Review, ExceptionRow]]:
    """Open reviews with their rows."""
    rows = [one for one in queue(actor, most=500) if one.decide_by is not None]
    if not rows:
        return []
    figures: dict[uuid.UUID, int] = {}
    held = dict(
        Refund.objects.filter(status=RefundStatus.HELD, line__rma__in=[one.pk for one in rows])
        .values_list("line__rma")
        .annotate(total=Sum("amount"))
    )
    return [(one, _row(one, held.get(one.pk), _is_late(one, figures, at))) for one in rows]


@dataclass(frozen=True)
class Both:
    """A discrepancy that is a signal of an open review: one finding, to be decided in one place."""

    review: uuid.UUID
    row: ExceptionRow
    signals: Sequence[str]

    def told(self, plain: ExceptionRow) -> ExceptionRow:
        """The row of the discrepancy, that names the signal and leads to where both are decided."""
        said = {"what": plain.sentence, "signal": " ".join(self.signals), "score": self.row.sentence}
        return replace(
            plain,
            sentence=_("%(what)s Signal: %(signal)s %(score)s") % said,
            url=self.row.url,
            owner=self.row.owner,
            due=min((one for one in (plain.due, self.row.due) if one is not None), default=None),
            money_at_risk=max(
                (one for one in (plain.money_at_risk, self.row.money_at_risk) if one is not None), default=None
            ),
        )


def both(found: Iterable[Discrepancy], reviews: Iterable[tuple[Review, ExceptionRow]]) -> dict[uuid.UUID, Both]:
    """Which of these discrepancies are signals of these reviews, by the discrepancy. Who reads no review sees none."""
    rows = {review.pk: row for review, row in reviews}
    meant = [one for one in found if one.kind in SEEN and one.rma_id in rows]
    newest_of = assessments({one.rma_id for one in meant if one.rma_id is not None}) if meant else {}
    told = {}
    for one in meant:
        last = newest_of.get(one.rma_id) if one.rma_id is not None else None
        signals = [
            _(row["why"]) for row in (last.signals if last is not None else ()) if SEEN[one.kind] in row["facts"]
        ]
        if last is not None and signals:
            told[one.pk] = Both(last.rma_id, rows[last.rma_id], signals)
    return told


def _is_late(review: Review, figures: dict[uuid.UUID, int], at: datetime) -> bool:
    seller = review.rma.seller_id
    if seller not in figures:
        told = terms.in_force(rules.KIND, at=at, organization=seller).parameters
        figures[seller] = int(told.get("escalate_days", rules.SHIPPED["parameters"]["escalate_days"]))
    return review.decide_by is not None and at >= review.decide_by - timedelta(days=figures[seller])


def _row(review: Review, held: Decimal | None, late: bool) -> ExceptionRow:  # noqa: FBT001
    sentence = (
        _("Scored %(points)s of 100: money is held until somebody has looked.")
        if review.held
        else _("Scored %(points)s of 100: somebody has to look.")
    )
    at_risk: Decimal | None = held or getattr(review, "at_risk", None)
    return ExceptionRow(
        key=f"review:{review.pk}",
        kind="exception.review_late" if late else "exception.review_open",
        sentence=sentence % {"points": review.points},
        thing=review.rma.number,
        url=reverse("fraud_case", args=[review.rma.number]),
        owner=_("manager") if late else _("finance"),
        since=review.opened_at or review.rma.opened_at,
        due=review.decide_by,
        money_at_risk=at_risk,
        currency=review.rma.currency,
        next_action=_("Decide"),
    )
