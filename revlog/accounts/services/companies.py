"""What documents say of an organization: its address, and its VAT identification number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.accounts.services import trail
from revlog.common import countries
from revlog.common.errors import BadInput, NotAllowed, Reason

VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}")
GREECE = "EL"
"""The two letters that Greece's VAT numbers begin with; its country is GR."""


@dataclass(frozen=True, kw_only=True)
class Told:
    street: str = ""
    postcode: str = ""
    town: str = ""
    region: str = ""
    country: str = ""
    vat_id: str = ""

    def tidied(self) -> Told:
        def plain(text: str) -> str:
            return " ".join(text.split())

        return Told(
            street=", ".join(plain(part) for part in re.split(r"[,\n]", self.street) if part.strip()),
            postcode=plain(self.postcode),
            town=plain(self.town),
            region=plain(self.region),
            country=plain(self.country).upper(),
            vat_id=re.sub(r"[\s.\-]", "", self.vat_id).upper(),
        )


def problems(told: Told) -> list[Reason]:
    found = []
    for name, most in (("street", 200), ("postcode", 12), ("town", 80), ("region", 80)):
        text = getattr(told, name)
        if len(text) > most or not text.isprintable():
            found.append(Reason(name, _("This has at most %s letters and digits.") % most, name))
    known = countries.names("en")
    if told.country and (len(told.country) != 2 or told.country not in known):
        found.append(Reason("country", _("A country is written in two letters, like NL."), "country"))
    if (told.street or told.postcode or told.town) and not (told.town and told.country):
        found.append(Reason("town", _("An address has at least a town and a country."), "town"))
    if told.vat_id:
        letters = told.vat_id[:2]
        if not VAT_ID.fullmatch(told.vat_id) or ("GR" if letters == GREECE else letters) not in known:
            found.append(
                Reason("vat_id", _("A VAT number begins with the letters of its country, like DE123456789."), "vat_id")
            )
    return found


@transaction.atomic
def write(organization: Organization, told: Told, *, by: Actor, at: datetime) -> Organization:
    """From the next document on it is written so; documents that were made stay as they are. Said again, nothing happens."""
    if not by.may("accounts.hubs"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to set up organizations.")))
    bare = told.tidied()
    if found := problems(bare):
        raise BadInput(found)
    row = Organization.objects.visible_to(by).select_for_update(no_key=True).get(pk=organization.pk)
    changed = [name for name in Told.__dataclass_fields__ if getattr(row, name) != getattr(bare, name)]
    if changed:
        for name in changed:
            setattr(row, name, getattr(bare, name))
        row.save(update_fields=changed)
        trail.note(
            act="organization.address",
            organization=row,
            subject=f"organization:{row.pk}",
            by=by,
            at=at,
            fields=sorted(changed),
        )
    return row
