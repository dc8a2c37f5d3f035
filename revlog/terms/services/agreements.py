"""Agreeing with suppliers about goods that go back: each change is a new version from a day on, and nothing is ever edited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.terms import agreeing, facts
from revlog.terms.models import Agreement


class UnableToAgree(DomainError):
    """Another version was made at the same moment."""

    code = "unable_to_agree"


def agree(
    supplier: Organization,
    terms: Mapping[str, Any],
    *,
    valid_from: date,
    valid_to: date | None = None,
    note: str = "",
    by: Actor,
    at: datetime,
) -> Agreement:
    """Write the next version down. Raises BadInput with every wrong field."""
    if not by.may("terms.edit"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to draft agreements.")))
    read, found = agreeing.read(terms)
    if supplier.kind != OrganizationKind.SUPPLIER:
        found.append(Reason("supplier", _("Agreements about returns are with suppliers."), "supplier"))
    if valid_to is not None and valid_to < valid_from:
        found.append(Reason("valid_to", _("The last day comes after the first."), "valid_to"))
    if found or read is None:
        raise BadInput(found)
    body = read.plain()
    with transaction.atomic():
        before = (
            Agreement.objects.select_for_update(no_key=True, of=("self",))
            .filter(supplier=supplier)
            .order_by("-version")
            .first()
        )
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        if (
            before is not None
            and before.digest == digest
            and (before.valid_from, before.valid_to) == (valid_from, valid_to)
        ):
            return before
        row = Agreement(
            id=ids.new(at),
            supplier=supplier,
            version=before.version + 1 if before else 1,
            valid_from=valid_from,
            valid_to=valid_to,
            terms=body,
            note=note.strip()[:300],
            digest=digest,
            made_by=by.reference,
            made_at=at,
        )
        ledger.begin(
            "agreement",
            row.id,
            facts.AgreementMade(
                supplier=supplier.code,
                edition=row.version,
                valid_from=valid_from.isoformat(),
                valid_to=valid_to.isoformat() if valid_to else None,
                digest=digest,
                changes=len(agreeing.changes(before.terms if before else None, body)),
            ),
            by=by,
            at=at,
            owner=supplier.pk,
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise UnableToAgree(
                Reason("raced", _("Another version was written at this moment; look at it and write again."))
            ) from error
    return row
