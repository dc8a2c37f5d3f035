"""The organizations, hubs and demo people that every install, test and script can rely on, with ids that never change.

The ids come from the codes by UUID version 5, so that two installs, and two runs with one seed, name them alike.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revlog.accounts.models import OrganizationKind, Role
from revlog.common import ids

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "stable.revlog.invalid")
DEMO_PIN = "2749"


def stable_id(kind: str, code: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, f"{kind}:{code}")


@dataclass(frozen=True)
class StableOrganization:
    code: str
    name: str
    kind: OrganizationKind
    country: str
    language: str = "en"
    place: tuple[str, str, str] = ("", "", "")
    """Street, postal code, town."""
    vat_id: str = ""

    @property
    def id(self) -> uuid.UUID:
        return stable_id("organization", self.code)

    @property
    def email(self) -> str:
        return f"office@{self.code}.revlog.invalid"


@dataclass(frozen=True)
class StableHub:
    code: str
    name: str
    zone: str
    country: str
    secured: bool
    address: tuple[str, ...]
    subdivision: str = ""
    organization: str = "operator"

    @property
    def id(self) -> uuid.UUID:
        return stable_id("hub", self.code)


@dataclass(frozen=True)
class StablePerson:
    """A demo person. ``hub`` None means all hubs; ``sentence`` says what their card invites to do."""

    code: str
    name: str
    role: Role
    sentence: str | Promise
    organization: str = "operator"
    hub: str | None = "rotterdam"
    language: str = "en"

    @property
    def id(self) -> uuid.UUID:
        return stable_id("user", self.code)

    @property
    def email(self) -> str:
        return f"{self.code}@{self.organization}.revlog.invalid"

    @property
    def badge(self) -> str:
        with ids.seeded(f"badge:{self.code}"):
            return ids.code("BD")

    @property
    def has_badge(self) -> bool:
        """Badges are for those who share a station."""
        return self.organization == "operator" and self.role != Role.AUDITOR


ORGANIZATIONS = (
    StableOrganization(
        "operator",
        "Revlog Operator",
        OrganizationKind.OPERATOR,
        "NL",
        place=("Havenstraat 1", "3011 AB", "Rotterdam"),
        vat_id="NL999999999B01",
    ),
    StableOrganization(
        "demo",
        "Vega GmbH",
        OrganizationKind.CLIENT,
        "DE",
        "de",
        place=("Sternwartenstraße 12", "04103", "Leipzig"),
        vat_id="DE999999999",
    ),
    StableOrganization(
        "retailer",
        "Polder Shop",
        OrganizationKind.RETAILER,
        "NL",
        place=("Polderweg 88", "1093 KN", "Amsterdam"),
        vat_id="NL999999999B02",
    ),
    StableOrganization("refurbisher", "Second Round", OrganizationKind.REFURBISHER, "BE", "fr"),
    StableOrganization("recycler", "Kreislauf Metall", OrganizationKind.RECYCLER, "DE", "de"),
    StableOrganization("carrier", "Delta Parcel", OrganizationKind.CARRIER, "NL"),
    StableOrganization(
        "supplier",
        "Norden Devices",
        OrganizationKind.SUPPLIER,
        "SE",
        place=("Hamngatan 4", "111 47", "Stockholm"),
        vat_id="SE999999999901",
    ),
    StableOrganization("provider", "Harbour Care", OrganizationKind.PROVIDER, "IE"),
    StableOrganization(
        "buyer",
        "Iberia Lots",
        OrganizationKind.BUYER,
        "ES",
        "es",
        place=("Calle del Puerto 21", "46024", "Valencia"),
        vat_id="ESB99999999",
    ),
)

HUBS = (
    StableHub(
        "rotterdam",
        "Rotterdam",
        "Europe/Amsterdam",
        "NL",
        secured=True,
        address=("Havenstraat 1", "3011 AB Rotterdam", "Netherlands"),
    ),
    StableHub(
        "leipzig",
        "Leipzig",
        "Europe/Berlin",
        "DE",
        secured=False,
        address=("Messeallee 7", "04356 Leipzig", "Germany"),
        subdivision="SN",
    ),
)

PEOPLE = (
    StablePerson("ines", "Ines Duarte", Role.WAREHOUSE, _("Receive what arrives at the dock.")),
    StablePerson("ravi", "Ravi Menon", Role.INSPECTOR, _("Test, grade and decide where a unit goes next.")),
    StablePerson(
        "tomas", "Tomas Kral", Role.DATA_TECHNICIAN, _("Erase drives, and destroy those that can't be erased.")
    ),
    StablePerson("sofia", "Sofia Lindqvist", Role.DATA_TECHNICIAN, _("Verify the wipes of others.")),
    StablePerson("jakob", "Jakob Brandt", Role.TECHNICIAN, _("Repair at the bench.")),
    StablePerson("mei", "Mei Chen", Role.TECHNICIAN, _("Check the repairs of others, and harvest parts.")),
    StablePerson("luca", "Luca Ferri", Role.PACKER, _("Pack and ship what was sold.")),
    StablePerson("anouk", "Anouk de Vries", Role.SELLER, _("Pool, price and sell what is ready.")),
    StablePerson("pavel", "Pavel Novak", Role.RECYCLER, _("Fill and weigh recycling batches.")),
    StablePerson("greta", "Greta Holm", Role.SAFETY_ASSESSOR, _("Look at swollen batteries and other hazards.")),
    StablePerson("sam", "Sam Okafor", Role.SUPPORT, _("Answer customers, approve returns."), hub=None),
    StablePerson("esra", "Esra Yildiz", Role.FINANCE, _("Approve refunds, read the books."), hub=None),
    StablePerson("henrik", "Henrik Vos", Role.PLANNER, _("Plan pickups, jobs and the bench."), hub=None),
    StablePerson("carla", "Carla Moretti", Role.QUALITY, _("Release holds, issue certificates."), hub=None),
    StablePerson("aisha", "Aisha Rahman", Role.LEAD, _("Run the floor and clear the exceptions.")),
    StablePerson("jonas", "Jonas Weber", Role.LEAD, _("Run the floor in Leipzig."), hub="leipzig", language="de"),
    StablePerson("katja", "Katja Sommer", Role.WAREHOUSE, _("Receive in Leipzig."), hub="leipzig", language="de"),
    StablePerson("maria", "Maria Costa", Role.MANAGER, _("See the whole flow, its figures and its money."), hub=None),
    StablePerson(
        "admin", "Bram Jansen", Role.ADMINISTRATOR, _("Invite people, make API keys, set things up."), hub=None
    ),
    StablePerson(
        "noor", "Noor Haddad", Role.AUDITOR, _("Follow any chain and check its proof; change nothing."), hub=None
    ),
    StablePerson(
        "vera", "Vera Stahl", Role.CLIENT_USER, _("See one's own company's units and certificates."), "demo", None, "de"
    ),
    StablePerson(
        "remco", "Remco Bakker", Role.CLIENT_USER, _("Open returns for one's shop's customers."), "retailer", None
    ),
    StablePerson(
        "orla", "Orla Byrne", Role.DESK_AGENT, _("Answer the customers of the shops you work for."), "provider", None
    ),
    StablePerson("dirk", "Dirk Maas", Role.DRIVER, _("Pick up and hand over."), "carrier", None),
    StablePerson("nils", "Nils Berg", Role.SUPPLIER, _("See what comes back to the maker."), "supplier", None),
    StablePerson("lola", "Lola Vidal", Role.LOT_BUYER, _("Bid for lots."), "buyer", None, "es"),
)

ENGAGEMENTS = (("provider", "retailer"),)
"""Which provider of the demo works for whom."""


def organization_names() -> dict[str, str]:
    return {organization.code: organization.name for organization in ORGANIZATIONS}
