"""Drafting and publishing rules: a draft is checked, a second person publishes it from a moment on, and the diff is kept in view."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.terms import facts, queries, ruling
from revlog.terms.models import RuleSet
from revlog.terms.ruling import Body, Change


class UnableToPublish(DomainError):
    """These rules can't be put in force now."""

    code = "unable_to_publish"


@dataclass(frozen=True)
class Published:
    """The version now in force and how it differs from the one before it."""

    rule_set: RuleSet
    changes: Sequence[Change]


def draft(
    *, kind: str, body: Body, organization: uuid.UUID | None = None, note: str = "", by: Actor, at: datetime
) -> RuleSet:
    """Write rules down, in force for nobody yet. Raises BadInput with each wrong place."""
    if not by.may("terms.edit"):
        raise NotAllowed(Reason("not_allowed", _("Drafting rules needs the right to draft them.")))
    try:
        declared = ruling.kind(kind)
    except LookupError:
        known = ", ".join(ruling.kinds())
        raise BadInput(
            Reason(
                "unknown_kind",
                _("There are no rules called %(kind)s; known are %(known)s.") % {"kind": kind, "known": known},
                "kind",
            )
        ) from None
    if found := ruling.problems(body, declared):
        raise BadInput(found)
    with transaction.atomic():
        row = RuleSet(
            id=ids.new(at),
            kind=kind,
            organization_id=organization,
            body=body,
            note=note.strip()[:300],
            digest=ruling.digest(body),
            drafted_by=by.reference,
            drafted_at=at,
        )
        ledger.begin(
            "rules",
            row.id,
            facts.RulesDrafted(rules=kind, digest=row.digest, organization=str(organization) if organization else None),
            by=by,
            at=at,
            owner=organization,
        )
        row.save(force_insert=True)
    return row


def reasons_against_publishing(row: RuleSet, *, valid_from: datetime, by: Actor, at: datetime) -> list[Reason]:
    found = []
    if row.version is not None:
        found.append(Reason("published", _("These rules are published already, as version %s.") % row.version))
    if valid_from < at:
        found.append(Reason("past", _("Rules hold from now or later; what was decided stays decided."), "valid_from"))
    return found + separations.reasons_against("rules_publication", doer=[row.drafted_by], by=by)


def publish(rule_set: RuleSet, *, valid_from: datetime | None = None, by: Actor, at: datetime) -> Published:
    """Put a draft in force from ``valid_from`` (now, when left out), numbered after the last one of its kind and organization."""
    if not by.may("terms.publish"):
        raise NotAllowed(Reason("not_allowed", _("Publishing rules needs the right to publish them.")))
    start = valid_from or at
    with transaction.atomic():
        row = RuleSet.objects.select_for_update(no_key=True, of=("self",)).get(pk=rule_set.pk)
        if found := reasons_against_publishing(row, valid_from=start, by=by, at=at):
            raise UnableToPublish(found)
        if found := ruling.problems(row.body, ruling.kind(row.kind)):
            raise BadInput(found)
        before = queries.in_force(row.kind, at=start, organization=row.organization_id)
        changes = ruling.diff(before.body, row.body)
        published = RuleSet.objects.filter(kind=row.kind, organization=row.organization, version__isnull=False)
        last = published.order_by("-version").values_list("version", flat=True).first() or 0
        row.version, row.valid_from, row.published_by, row.published_at = last + 1, start, by.reference, at
        try:
            with transaction.atomic():
                row.save(update_fields=["version", "valid_from", "published_by", "published_at"])
        except IntegrityError as error:
            raise UnableToPublish(
                Reason("raced", _("Another version was published at this moment; look at it and publish again."))
            ) from error
        ledger.append(
            row.id,
            facts.RulesPublished(
                rules=row.kind,
                number=row.version,
                valid_from=start.isoformat(),
                digest=row.digest,
                changes=len(changes),
                organization=str(row.organization_id) if row.organization_id else None,
            ),
            by=by,
            at=at,
            owner=row.organization_id,
        )
    queries.read_anew(row.kind)
    return Published(row, changes)
