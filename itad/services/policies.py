"""Choosing the policy that an owner's media are sanitized by, on the owner's own chain."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from itad import facts
from itad.models import PolicyChoice
from itad.policies import POLICIES
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.models import Chain
from revlog.custody.services import ledger


def reasons_against_choosing(owner: Organization, by: Actor) -> list[Reason]:
    """The owner's own people choose; the operator's for whoever has given them a contract."""
    if by.is_operator and (by.may("itad.jobs") or by.may("itad.certify")):
        return []
    if by.organization_id == owner.id and by.may("itad.authorize"):
        return []
    return [Reason("not_allowed", _("only the owner, or the operator's planner or quality person, chooses the policy"))]


@transaction.atomic
def choose(*, owner: Organization, policy: str, reason: str, by: Actor, at: datetime) -> PolicyChoice:
    """From now on, media of ``owner`` need what ``policy`` says. Attempts that are open keep what they were begun under.

    Raises NotAllowed, and BadInput for a policy that doesn't exist or a choice without its reason.
    """
    if reasons := reasons_against_choosing(owner, by):
        raise NotAllowed(reasons)
    problems = []
    if policy not in POLICIES:
        problems.append(Reason("unknown_policy", _("There is no policy %(name)s.") % {"name": policy}, "policy"))
    if not reason.strip():
        problems.append(Reason("no_reason", _("Say why, or by which contract."), "reason"))
    if problems:
        raise BadInput(problems)
    chain = uuid.uuid5(owner.id, "sanitization policies")
    Organization.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if not Chain.objects.filter(pk=chain).exists():
        ledger.open_chain("policies", chain)
    row = PolicyChoice.objects.create(
        id=ids.new(at),
        owner=owner,
        policy=policy,
        reason=reason.strip()[:300],
        chosen_by=by.reference,
        chosen_at=at,
    )
    ledger.append(
        chain,
        facts.PolicyChosen(owner=owner.code, policy=policy, reason=row.reason),
        by=by,
        at=at,
        owner=owner.id,
    )
    return row
