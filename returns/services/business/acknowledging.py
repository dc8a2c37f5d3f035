"""What we say of a partner's interchanges (997, TA1), and what they say of ours."""

from __future__ import annotations

from datetime import datetime

from returns.edi import ack997, x12
from returns.edi.x12 import X12Error
from returns.facts import business as business_facts
from returns.models import Direction, EdiPartner, Interchange
from returns.services import approval
from returns.services.business import envelopes
from revlog.accounts.actors import Actor


def acknowledge(
    came: Interchange, told: x12.Interchange, faults: ack997.Faults, *, by: Actor, at: datetime
) -> Interchange:
    """The 997 to what came, in the transaction that takes it: so there is one for each, and never two."""
    partner = EdiPartner.objects.get(pk=came.partner_id)
    control = envelopes.next_control(partner)
    data = envelopes.enveloped(partner, control, ack997.GROUP, ack997.write(told, faults), at=at)
    return envelopes.kept(partner, control, data, answers=came, by=by, at=at)


def turn_away(came: Interchange, head: x12.Interchange, error: X12Error, *, by: Actor, at: datetime) -> Interchange:
    """The TA1 to an envelope that can't be read."""
    partner = EdiPartner.objects.get(pk=came.partner_id)
    control = envelopes.next_control(partner)
    data = envelopes.noticed(partner, control, ack997.notice(head, error), at=at)
    return envelopes.kept(partner, control, data, answers=came, by=by, at=at)


def hear(told: x12.Interchange, partner: EdiPartner, *, by: Actor, at: datetime) -> list[Interchange]:
    """Write down what a partner says of interchanges of ours; of one that we never sent, and of what was said before, nothing happens."""
    found = []
    for one in ack997.read(told):
        row = (
            Interchange.objects.select_for_update(no_key=True, of=("self",))
            .filter(partner=partner, direction=Direction.OUT, control=f"{one.control:09d}", answers=None, verdict="")
            .first()
        )
        if row is None:
            continue
        row.verdict, row.problems, row.answered_at = one.verdict, list(one.problems), at
        row.save(update_fields=["verdict", "problems", "answered_at"])
        found.append(row)
        for case in row.cases.select_related("rma"):
            fact = business_facts.InterchangeAnswered(control=row.control, verdict=f"edi.{one.verdict}")
            approval.say(approval.lock(case.rma_id), fact, by=by, at=at, key=f"answered:{row.pk}")
    return found
