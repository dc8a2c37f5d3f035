"""What pages show of offers and appeals: read for the portal by its customer, for the desk by whoever may act."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from returns import deductions
from returns.models import Appeal, AppealStatus, Offer, OfferStatus, Rma, RmaUnit
from returns.services import appeals, awaiting, offers
from returns.views.visitors import day
from revlog.accounts import queries as people
from revlog.accounts.actors import Actor
from revlog.common.templatetags.ui import money
from revlog.common.words import Audience, word


def open_offers(rma: Rma, audience: Audience = Audience.CUSTOMER) -> list[dict[str, Any]]:
    """The offers of a return that wait for an answer, with what there is to choose from."""
    rows = Offer.objects.filter(unit__line__rma=rma, status=OfferStatus.OPEN)
    return [_offer(row, rma, audience) for row in rows.select_related("unit__line__order_line").order_by("made_at")]


def _offer(row: Offer, rma: Rma, audience: Audience) -> dict[str, Any]:
    appealed = row.unit.appeals.exists()
    return {
        "offer": row,
        "name": row.unit.line.order_line.description,
        "kind": word(f"offer.{row.kind}", audience),
        "amount": money(row.amount, row.currency),
        "lines": [
            {"what": deductions.told(str(line.get("what", ""))), "amount": money(line.get("amount"), row.currency)}
            for line in row.lines
        ],
        "deducts": row.kind == "reduction",
        "day": day(row.answer_by, rma),
        "accepts": [(path, word(f"offer_path.{path}", audience)) for path in offers.ACCEPTED_BY[row.kind] if path],
        "declines": [
            (path, word(f"offer_path.{path}", audience))
            for path in offers.DECLINED_BY[row.kind]
            if path != "appeal" or not appealed
        ],
    }


def appeal_of(unit: RmaUnit, rma: Rma, *, by: Actor, at: datetime) -> dict[str, Any]:
    """Of one unit: whether and until when its customer may appeal, and what became of an appeal."""
    rows = list(unit.appeals.all())
    last = rows[-1] if rows else None
    may = not rows and not appeals.reasons_against_appealing(unit, rma, by=by, at=at)
    return {
        "may": may,
        "until": day(appeals.until(unit, rma), rma) if may else "",
        "last": last,
        "is_open": last is not None and last.status == AppealStatus.OPEN,
        "by_day": day(last.decide_by, rma) if last is not None else "",
        "outcome": word(f"appeal.{last.status}", Audience.CUSTOMER) if last is not None else "",
        "url": reverse("portal_appeal", args=[rma.number, unit.pk]),
        "may_ask_back": not awaiting.reasons_against_asking_back(unit, rma, by=by),
        "ask_back": reverse("portal_ask_back", args=[rma.number, unit.pk]),
        "may_agree": not awaiting.reasons_against_agreeing(unit, rma, by=by),
        "agree": reverse("portal_agree", args=[rma.number, unit.pk]),
        "agreed": awaiting.has_agreed(unit),
    }


def for_desk(unit: RmaUnit, rma: Rma, *, by: Actor, at: datetime) -> dict[str, Any]:
    """The same for the desk's page of a return: what may be offered, what is open, and whom it waits for."""
    device = unit.device
    rows = list(unit.offers.all())
    opened = next((row for row in rows if row.status == OfferStatus.OPEN), None)
    kinds: list[tuple[str, str]] = []
    if device is not None and by.may("returns.settle"):
        kinds = [
            (kind, word(f"offer.{kind}"))
            for kind in ("reduction", "repair", "instead")
            if not offers.reasons_against_making(unit, device, kind)
        ]
    found: list[Appeal] = list(unit.appeals.all())
    return {
        "kinds": kinds,
        "open": _offer(opened, rma, Audience.STAFF) if opened is not None else None,
        "may_withdraw": opened is not None and by.may("returns.settle"),
        "may_answer": opened is not None and not offers.reasons_against_answering(opened, rma, by=by),
        "past": [
            _("%(kind)s, %(amount)s: %(how)s")
            % {
                "kind": word(f"offer.{row.kind}"),
                "amount": money(row.amount, row.currency),
                "how": word(f"offer.{row.status}"),
            }
            for row in rows
            if row.status != OfferStatus.OPEN
        ],
        "appeals": [
            {
                "row": row,
                "url": reverse("returns_appeal", args=[row.pk]),
                "status": word(f"appeal.{row.status}"),
                "day": row.decide_by,
                "who": people.names_of([row.decided_by]).get(row.decided_by, ""),
            }
            for row in found
        ],
        "may_ask_back": not awaiting.reasons_against_asking_back(unit, rma, by=by),
        "may_agree": not awaiting.reasons_against_agreeing(unit, rma, by=by),
        "kept_until": appeals.until(unit, rma) if not found else None,
        "may_appeal": not found
        and by.may("returns.appeal")
        and not appeals.reasons_against_appealing(unit, rma, by=by, at=at),
    }
