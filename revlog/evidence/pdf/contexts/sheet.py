"""What every document carries around its matter: who issues it, for whom, whose signature it bears, on which entries it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from revlog.common.errors import DomainError

Paper = Literal["a4", "letter", "label"]
Role = Literal[
    "technician", "data_technician", "quality", "witness", "lead", "manager", "recycler", "packer", "receiver", "system"
]
Act = Literal["performed", "verified", "witnessed", "approved"]


class NothingToCertify(DomainError):
    """The record would certify what did not happen. The last guard of several: the stage that asks has its own."""

    code = "nothing_to_certify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who puts their name to the document. ``logo`` is a ``data:`` URI (PNG, JPEG or SVG); ``registration`` a permit or register line."""

    name: str
    address_lines: tuple[str, ...] = ()
    logo: str = ""
    contact: str = ""
    registration: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody the document is for or about. ``reference`` is their own number for the matter."""

    name: str
    address_lines: tuple[str, ...] = ()
    reference: str = ""
    vat_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What every document carries around its matter. ``zone`` is the IANA zone its times are written in."""

    number: str
    issued_at: str
    issuer: Issuer
    verify_url: str = ""
    qr: str = ""
    paper: Paper = "a4"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``staff`` is a pseudonymous staff id."""

    staff: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    act: Act
    person: Person
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The stretch of ledger a document stands on, and how it is anchored.

    ``checkpoint_size`` 0 means that no checkpoint covers the entries yet. ``attachment`` names the embedded file that holds the
    entries in full.
    """

    chain: str
    first_sequence: int
    last_sequence: int
    head_digest: str
    attachment: str
    checkpoint_size: int = 0
    checkpoint_root: str = ""
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The device as a reader knows it: ``name`` is maker, model and variant in one line."""

    name: str
    tag: str
    serial: str = ""
    asset_tag: str = ""
    category: str = ""
