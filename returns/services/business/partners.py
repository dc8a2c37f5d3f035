"""With whom interchanges were agreed on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from returns.edi import rma180
from returns.edi.x12 import X12Error
from returns.models import EdiPartner
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason


def add_partner(
    *,
    customer: Organization,
    seller: Organization,
    qualifier: str,
    identifier: str,
    own_qualifier: str,
    own_identifier: str,
    mapping: dict[str, Any] | None = None,
    by: Actor,
    at: datetime,
) -> EdiPartner:
    """Agree on interchanges with a customer: who each is in the envelope, and what they do otherwise."""
    if not by.may("terms.edit"):
        raise NotAllowed(Reason("not_allowed", _("Agreeing on interchanges needs the right to edit agreements.")))
    mistakes = []
    for name, text, most in (
        ("qualifier", qualifier, 2),
        ("identifier", identifier, 15),
        ("own_qualifier", own_qualifier, 2),
        ("own_identifier", own_identifier, 15),
    ):
        if not text or len(text) > most or not text.isascii() or not text.isprintable() or set(text) & set("*>~"):
            mistakes.append(Reason(name, _("An identifier has 1 to %s letters and digits.") % most, name))
    try:
        rma180.mapping(mapping or {})
    except X12Error as error:
        mistakes.append(Reason("mapping", error.sentence, "mapping"))
    taken = EdiPartner.objects.filter(
        qualifier=qualifier, identifier=identifier, own_qualifier=own_qualifier, own_identifier=own_identifier
    )
    if not mistakes and taken.exists():
        mistakes.append(Reason("taken", _("Somebody else has this pair of identifiers."), "identifier"))
    if mistakes:
        raise BadInput(mistakes)
    return EdiPartner.objects.create(
        id=ids.new(at),
        customer=customer,
        seller=seller,
        qualifier=qualifier,
        identifier=identifier,
        own_qualifier=own_qualifier,
        own_identifier=own_identifier,
        mapping=mapping or {},
        added_at=at,
    )
