"""Putting customers, serial numbers, products and orders on lists that return rules read, and taking them off; each with a reason."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from returns.facts import lists as facts
from returns.models import ListedKind, Listing, Rma
from returns.queries import lists as queries
from returns.services.business.lines import wrong
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.terms.models import Contact, Order
from revlog.terms.services import importing, orders

COLUMNS = ("list", "kind", "subject", "from", "until", "reason")
NEEDED = ("list", "kind", "subject", "reason")
MOST_ROWS = 5000
MOST_ERRORS = 50
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")


class UnableToList(DomainError):
    """It is on the list already, or not on it any more."""

    code = "unable_to_list"


@dataclass(frozen=True, kw_only=True)
class NewListing:
    """What is to be put on which list: ``subject`` is an e-mail, a serial number or IMEI, an SKU or an order number, as people write it."""

    name: str
    kind: str
    subject: str
    why: str
    since: date | None = None
    until: date | None = None


def _may(by: Actor) -> None:
    if not by.may("returns.lists"):
        raise NotAllowed(Reason("not_allowed", _("Keeping lists needs the right to put things on them.")))


def reasons_against_adding(told: NewListing, seller: Organization, *, at: datetime) -> list[Reason]:
    """What is wrong with it as it was told."""
    found = []
    if not _NAME.fullmatch(told.name):
        found.append(
            Reason("name", _("A list is named with small letters, digits and dashes, like repeat-returns."), "list")
        )
    if told.kind not in ListedKind.values:
        known = ", ".join(ListedKind.values)
        found.append(Reason("kind", _("What is listed is one of: %s.") % known, "kind"))
    elif not queries.subject_of(seller.pk, told.kind, told.subject):
        sentence = {
            ListedKind.CUSTOMER.value: _("Enter the e-mail of the customer."),
            ListedKind.SERIAL.value: _("Enter a serial number or IMEI."),
            ListedKind.PRODUCT.value: _("Enter the SKU of the product."),
            ListedKind.ORDER.value: _("Enter the number of the order."),
        }[told.kind]
        found.append(Reason("subject", sentence, "subject"))
    if not told.why.strip():
        found.append(Reason("no_reason", _("Say why; whoever has to decide about it later reads it."), "reason"))
    since = told.since or at.date()
    if told.until is not None and told.until < since:
        found.append(Reason("period", _("The last day is before the first."), "until"))
    elif told.until is not None and told.until < at.date():
        found.append(Reason("over", _("The last day is over already."), "until"))
    return found


def add(seller: Organization, told: NewListing, *, rma: Rma | None = None, by: Actor, at: datetime) -> Listing:
    """Put something on a list of a seller. What follows, published rules say. Raises BadInput, UnableToList."""
    _may(by)
    if found := reasons_against_adding(told, seller, at=at):
        raise BadInput(found)
    subject = queries.subject_of(seller.pk, told.kind, told.subject)
    contact = _contact(seller, told.subject) if told.kind == ListedKind.CUSTOMER else None
    return _add(seller, told, subject, contact, rma, by=by, at=at)


def add_customer_of(rma: Rma, *, name: str, why: str, by: Actor, at: datetime) -> Listing:
    """Put whoever announced a return on a list, without an end; by their e-mail, or by their account where we have none."""
    _may(by)
    contact = rma.contact
    if contact.erased_at is not None:
        raise UnableToList(Reason("nobody", _("Nobody knows (any more) whose return this is.")))
    told = NewListing(name=name, kind=ListedKind.CUSTOMER.value, subject=contact.email, why=why)
    found = reasons_against_adding(told, rma.seller, at=at)
    if found := [one for one in found if one.code != "subject"]:
        raise BadInput(found)
    return _add(rma.seller, told, queries.keys_of(rma.seller_id, contact)[-1], contact, rma, by=by, at=at)


def _contact(seller: Organization, email: str) -> Contact | None:
    bought = Order.objects.filter(seller=seller, contact__email=email.strip().lower()).order_by("-ordered_at").first()
    return bought.contact if bought is not None else None


def _add(
    seller: Organization,
    told: NewListing,
    subject: str,
    contact: Contact | None,
    rma: Rma | None,
    *,
    by: Actor,
    at: datetime,
) -> Listing:
    row = Listing(
        id=ids.new(at),
        seller=seller,
        name=told.name,
        kind=told.kind,
        subject=subject,
        contact=contact,
        since=told.since or at.date(),
        until=told.until,
        why=" ".join(told.why.split())[:300],
        rma=rma,
        added_by=by.reference,
        added_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            fact = facts.Listed(
                name=row.name,
                what=f"listed.{row.kind}",
                since=row.since.isoformat(),
                until=row.until.isoformat() if row.until else None,
                subject=_said(row),
                rma=str(rma.pk) if rma is not None else None,
            )
            ledger.begin("listing", row.id, fact, by=by, at=at)
    except IntegrityError as error:
        raise UnableToList(Reason("listed", _("It is on the list “%s” already.") % told.name, "subject")) from error
    return row


def _said(row: Listing) -> str | None:
    """What a fact may say of it: nothing of a person."""
    return None if row.kind == ListedKind.CUSTOMER else row.subject


# Off the list -----------------------------------------------------------------------------------------------------------------------


def reasons_against_lifting(row: Listing) -> list[Reason]:
    return [Reason("lifted", _("It was taken off the list before."))] if row.lifted_at is not None else []


def lift(row: Listing, *, reason: str, by: Actor, at: datetime) -> Listing:
    """Take it off the list; that it was on it stays known. Raises BadInput, UnableToList."""
    _may(by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is taken off the list."), "reason"))
    with transaction.atomic():
        locked = Listing.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
        if found := reasons_against_lifting(locked):
            raise UnableToList(found)
        locked.lifted_by, locked.lifted_at, locked.lifted_why = by.reference, at, " ".join(reason.split())[:300]
        locked.save(update_fields=["lifted_by", "lifted_at", "lifted_why"])
        told = facts.Unlisted(name=locked.name, what=f"listed.{locked.kind}", subject=_said(locked))
        ledger.append(locked.pk, told, by=by, at=at)
    return locked


@orders.also_erase
def erase(contact: Contact, *, by: Actor, at: datetime) -> list[uuid.UUID]:
    """Whoever is erased is on no list any more: neither their digest nor why they were on one is kept."""
    for row in Listing.objects.select_for_update(no_key=True, of=("self",)).filter(contact=contact):
        if row.lifted_at is None:
            row.lifted_by, row.lifted_at = by.reference, at
            told = facts.Unlisted(name=row.name, what=f"listed.{row.kind}", erased=True)
            ledger.append(row.pk, told, by=by, at=at)
        row.subject, row.contact, row.why, row.lifted_why = "", None, "", "erased"
        row.save()
    return []


# By file ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Imported:
    added: int
    known: int
    """Rows of what was on its list already."""


def import_file(file: BinaryIO, seller: Organization, *, by: Actor, at: datetime) -> Imported:
    """Put every row of a CSV file on its list: list, kind, subject, reason, and from and until where they are said.

    All or nothing: raises BadInput with every mistake, each with its line. Sent again it changes nothing.
    """
    _may(by)
    told: list[NewListing] = []
    mistakes: list[Reason] = []
    for row in importing.rows(file, needed=NEEDED, columns=COLUMNS):
        if row.overfull:
            mistakes.append(
                wrong(row.line, _("There are more cells than columns; put texts with separators in quotes."), "row")
            )
        else:
            read = _read(row.line, row.cells, seller, at=at)
            if isinstance(read, NewListing):
                told.append(read)
            else:
                mistakes += read
        if len(mistakes) >= MOST_ERRORS or len(told) > MOST_ROWS:
            break
    if len(told) > MOST_ROWS:
        mistakes.append(Reason("too_long", _("A file has at most %s rows; split it.") % f"{MOST_ROWS:,}", "file"))
    if mistakes:
        raise BadInput(mistakes[:MOST_ERRORS])
    if not told:
        raise BadInput(Reason("empty", _("There are no lines in it."), "file"))
    added = 0
    with transaction.atomic():
        for one in told:
            try:
                add(seller, one, by=by, at=at)
            except UnableToList:
                continue
            added += 1
    return Imported(added, len(told) - added)


def _read(line: int, cells: Mapping[str, str], seller: Organization, *, at: datetime) -> NewListing | list[Reason]:
    days: dict[str, date | None] = {}
    found: list[Reason] = []
    for name in ("from", "until"):
        text = cells.get(name, "")
        try:
            days[name] = date.fromisoformat(text) if text else None
        except ValueError:
            found.append(wrong(line, _("“%s” is no date; write it like 2026-03-14.") % text[:40], name))
    if found:
        return found
    told = NewListing(
        name=cells.get("list", "").lower(),
        kind=cells.get("kind", "").lower(),
        subject=cells.get("subject", ""),
        why=cells.get("reason", ""),
        since=days["from"],
        until=days["until"],
    )
    return [
        wrong(line, one.sentence, one.field or "row") for one in reasons_against_adding(told, seller, at=at)
    ] or told
