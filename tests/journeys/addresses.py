"""Where every page of the site can be seen: for each route an address of the running platform and somebody who may come in.

Runs inside the platform. The routes come from the URL configuration; what a route's address names comes from `NAMED`. A page whose
address names a thing and that isn't in `NAMED` has no address here, which `test_pages` takes for a page that was forgotten.
"""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, get_emailconfirmation_model
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from itad.models import ManifestRun
from recycling.models import Batch, Member
from refurb.models import HARVESTS, Part, WorkOrder
from refurb.services import orders
from reporting.models import AccountingRun, HandOver
from resale.models import Lot, Pool, Sale
from returns import policy
from returns.models import (
    Appeal,
    Bag,
    BusinessCase,
    Channel,
    Charge,
    CorrectiveAction,
    Discrepancy,
    Dispute,
    DisputeNote,
    EdiPartner,
    Memo,
    NumberCheck,
    PayoutFile,
    Recall,
    RecallUnit,
    ReceivingSession,
    Review,
    Rma,
    RmaParcel,
    SessionLine,
    SupplierClaim,
    SupportCase,
    TradeIn,
    TradeInStatus,
    Trial,
    Unsold,
    VendorReturn,
)
from returns.services import desk, feeds, opening, supplier_claims, trials
from returns.services.business import edi, partners
from revlog.accounts import access, actors, guests, queries, stable
from revlog.accounts.access import Level
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, OrganizationKind, User
from revlog.accounts.services import people, stations
from revlog.common import clock
from revlog.devices.journey import State
from revlog.devices.models import Device, NumberConflict, ProductModel
from revlog.evidence.models import READERS, Attachment, Document
from revlog.evidence.services import artifacts
from revlog.labels.models import Printer, PrintJob
from revlog.logistics.models import Bill, CarrierClaim, Contract, Delivery, DeliveryLine, RateCard, Shipment, Transfer
from revlog.logistics.models import Discrepancy as TransferDiscrepancy
from revlog.pages.simulation import pictures, samples
from revlog.pages.views.units import TABS
from revlog.scanning.models import ActFile
from revlog.storage.models import Container, Count, HazardCase, PackagingAccount, PickList
from revlog.terms import ruling
from revlog.terms.models import Message, Order, Price, PriceList
from revlog.terms.services import pricelists, rules
from tests.factories import imports as past
from triage.models import DayPlan, Look, Regrade, SecondLook, TestReport

GUEST, STATION = "guest", "station"
# The one of the demo who has a password and a second factor, which the others do without.
GUARDED = "remco"
# Tried in this order: whoever does the work first, so that a page is seen as it is for the one who works on it.
PEOPLE = (
    "ravi", "ines", "tomas", "sofia", "jakob", "luca", "anouk", "pavel", "esra", "maria", "admin", "henrik", "carla",
    "greta",
)  # fmt: skip
NOBODY = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Address:
    """One page: the name of its route, where it is, and who opens it ("guest" is nobody signed in)."""

    route: str
    path: str
    who: str
    named: bool = True
    """False where the thing in the address is made up: good enough to learn that the route is an act, which can't be opened."""


Values = Iterable[tuple[Any, ...]]


def _here(rows: Any) -> Any:
    """Those of ``rows`` at the hub where most of the demo's people work; all where none is, or where they are at no hub."""
    if "hub" not in {field.name for field in rows.model._meta.get_fields()}:
        return rows
    here = rows.filter(hub=stable.HUBS[0].id)
    return here if here.exists() else rows


def _tags(*states: State) -> Callable[[], Values]:
    def ask() -> Values:
        found = (_here(Device.objects.filter(state=state).order_by("-state_since", "id")).first() for state in states)
        return [(unit.tag,) for unit in found if unit is not None]

    return ask


def _first(rows: Any, field: str = "pk") -> Callable[[], Values]:
    return lambda: [(value,) for value in _here(rows).values_list(field, flat=True)[:1]]


@functools.cache
def _returnable() -> Order | None:
    """An order of which something can come back, as the portal's first steps need it."""
    at = clock.now()
    for order in Order.objects.exclude(contact=None).order_by("-ordered_at")[:60]:
        if any(not one.blocked for one in opening.returnable(order, at=at)):
            return order
    return None


def _order(line: bool = False) -> Callable[[], Values]:
    def ask() -> Values:
        order = _returnable()
        if order is None:
            return []
        return [(order.pk, order.lines.values_list("pk", flat=True)[0])] if line else [(order.pk,)]

    return ask


@functools.cache
def _rma() -> Rma | None:
    """A return with a label, that customers and staff can look at."""
    links = RmaParcel.objects.filter(label__isnull=False).exclude(rma__contact=None).order_by("-rma__opened_at")
    pictured = Attachment.objects.filter(audience="customer", use__startswith="photo").values("chain_id")
    link = links.filter(rma__in=pictured).first() or links.first()
    return link.rma if link is not None else None


def _number() -> Values:
    rma = _rma()
    return [(rma.number,)] if rma else []


def _case() -> Values:
    """A support case, open where one is; opened now where there is none."""
    found = SupportCase.objects.filter(closed_at=None).first() or SupportCase.objects.first()
    rma = _rma()
    if found is None and rma is not None:
        found = desk.open_case(
            contact=rma.contact,
            seller=rma.seller,
            channel=Channel.CALL,
            order=rma.order,
            by=actors.system("walk"),
            at=clock.now(),
        )
    return [(found.number,)] if found is not None else []


def _feed() -> Values:
    """A calendar address of somebody in finance."""
    by = queries.actor_of(people.demo_user("esra"), at=clock.now())
    return [(feeds.make(by=by, at=clock.now()),)]


def _label() -> Values:
    rma = _rma()
    return [(rma.number, pk) for pk in rma.parcel_links.values_list("parcel_id", flat=True)[:1]] if rma else []


@functools.cache
def _asked() -> Charge | None:
    rows = Charge.objects.select_related("line__rma").order_by("-asked_at")
    return rows.filter(line__rma__hub=stable.HUBS[0].id).first() or rows.first()


def _charge() -> Values:
    """What a customer was asked for."""
    found = _asked()
    return [(found.line.rma.number, found.pk)] if found is not None else []


def _claim() -> Values:
    """A claim to a supplier, drafted now: the demo may have none."""
    found = SupplierClaim.objects.order_by("-drafted_at").first()
    if found is None:
        supplier = Organization.objects.filter(kind=OrganizationKind.SUPPLIER).first()
        unit = Device.objects.filter(hub=stable.HUBS[0].id, state=State.IN_TRIAGE).first()
        if supplier is None or unit is None:
            return []
        with transaction.atomic():
            found = supplier_claims.draft(
                unit, supplier=supplier, asks="credit", defect="Dead on arrival", amount=Decimal("90.00"),
                by=actors.system("walk"), at=clock.now(),
            )  # fmt: skip
    return [(found.number,)]


def _trade(channel: str) -> Callable[[], Values]:
    """A quote that can still be accepted, asked for now where the demo has none."""

    def ask() -> Values:
        rows = TradeIn.objects.filter(channel=channel, status=TradeInStatus.QUOTED).order_by("-made_at")
        return [(row.number,) for row in rows[:1]]

    return ask


@functools.cache
def _bought() -> TradeIn | None:
    """What somebody sold us, with its purchase document."""
    return TradeIn.objects.exclude(document=None).order_by("-made_at").first()


def _purchase() -> Values:
    found = _bought()
    return [(found.rma.number,)] if found is not None and found.rma is not None else []


def _link() -> Values:
    """A mailed link of each kind: to one return, to one order, to everything of an e-mail."""
    rma = _rma()
    things = [f"rma:{rma.pk}", f"order:{rma.order_id}", f"contact:{rma.contact_id}"] if rma else []
    until, asked = clock.now() + timedelta(days=1), _asked()
    # The first opens what its customer was asked to pay too, which may be another return.
    more = {f"rma:{asked.line.rma_id}"} if asked is not None else set()
    sold = TradeIn.objects.filter(number__in=[number for (number,) in _trade("portal")()]).first()
    more |= {f"tradein:{sold.pk}"} if sold is not None else set()
    bought = _bought()
    more |= {f"rma:{bought.rma_id}"} if bought is not None else set()
    return [(guests.sign({thing} | (set() if place else more), until=until),) for place, thing in enumerate(things)]


def _recalled() -> Values:
    """A recall and somebody who owns a thing in it."""
    rows = RecallUnit.objects.filter(recall__mock=False, contact__isnull=False, contact__erased_at=None)
    return list(rows.order_by("recall", "pk").values_list("recall_id", "contact_id")[:1])


def _recall_link() -> Values:
    until = clock.now() + timedelta(days=1)
    return [(guests.sign({f"recall_contact:{recall}:{contact}"}, until=until),) for recall, contact in _recalled()]


def _asked_of_a_vendor() -> list[VendorReturn]:
    """A return that a supplier was asked to take: one that waits for its answer, where there is one."""
    return list(VendorReturn.objects.exclude(asked_at=None).order_by("answered_at", "-asked_at")[:1])


def _vendor_link() -> Values:
    until = clock.now() + timedelta(days=1)
    return [(guests.sign({f"vendor_return:{row.pk}"}, until=until),) for row in _asked_of_a_vendor()]


def _photo() -> Values:
    rma = _rma()
    return [(rma.number, pk) for pk in _photos(rma.pk, "customer")] if rma else []


def _cards() -> Values:
    """A version that is drafted, with all its forms, and one that is published."""
    rows = RateCard.objects.order_by("status", "contract__number").values_list("contract__number", "version", "status")
    return [(number, version) for number, version in {status: told for *told, status in rows}.values()]


@functools.cache
def _trial() -> Trial:
    """Drafted rules that were tried on the demo's returns: a fee for everything, so that something would change."""
    at = clock.now()
    everything = {"id": "fee", "then": {"allow": True, "fee_percent": "10"}, "why": "A fee is kept."}
    body = dict(policy.SHIPPED) | {"rules": [everything, *policy.SHIPPED["rules"]]}
    by = actors.system("walk")
    draft = rules.draft(kind=policy.KIND, body=body, note="A fee for everything", by=by, at=at)
    since = (at - timedelta(days=365)).date()
    trial = trials.start(rule_set=draft, since=since, until=at.date(), by=by, at=at)
    trials.run(trial.pk, by=by, at=at)
    return trial


def _unit_photo() -> Values:
    unit = Device.objects.filter(hub=stable.HUBS[0].id, state=State.IN_TRIAGE).first()
    return [(unit.tag, pk) for pk in _photos(unit.pk, "staff")] if unit else []


def _photos(chain: uuid.UUID, audience: str) -> list[Any]:
    """One photo of the thing, taken now where there is none: few simulated people take any."""
    rows = Attachment.objects.filter(chain_id=chain, audience=audience, use__startswith="photo")
    if not rows.exists():
        artifact = artifacts.keep_photo(pictures.drawn("a scratched lid"), at=clock.now())
        artifacts.attach(
            artifact, chain=chain, use=f"photo_{audience}", audience=audience, by=actors.system("walk"), at=clock.now()
        )
    return list(rows.values_list("pk", flat=True)[:1])


def _documents() -> Any:
    """Those that everybody who may see documents may read."""
    return Document.objects.filter(hub_id=stable.HUBS[0].id).exclude(kind__in=READERS).order_by("-issued_at")


def _batches() -> Any:
    return Batch.objects.filter(hub=stable.HUBS[0].id).order_by("-opened_at")


def _repairs() -> Any:
    return WorkOrder.objects.exclude(kind__in=HARVESTS).order_by("state", "-pk")


def _harvest() -> Values:
    """A harvest, begun now where none was: what waits for one may be all that the simulation left."""
    found = WorkOrder.objects.filter(kind__in=HARVESTS, device__hub=stable.HUBS[0].id).order_by("state", "-pk").first()
    unit = Device.objects.filter(hub=stable.HUBS[0].id, state=State.TO_HARVEST, holds=[]).first()
    if found is None and unit is not None:
        with transaction.atomic():
            found = orders.open_order(unit=unit, by=actors.system("walk"), at=clock.now())
    return [(found.pk,)] if found is not None else []


def _guarded() -> User:
    return people.demo_user(GUARDED)


def _confirmation() -> Values:
    user = _guarded()
    address, _ = EmailAddress.objects.get_or_create(user=user, email=user.email)
    return [(get_emailconfirmation_model().create(address).key,)]


def _reset() -> Values:
    user = people.demo_user("nils")  # who doesn't sign in meanwhile: that would use the link up
    return [(user_pk_to_url_str(user), default_token_generator.make_token(user))]


# The states of the units whose pages are opened: the first, the busiest, the last.
STATES = (State.EXPECTED, State.IN_TRIAGE, State.TO_SANITIZE, State.SOLD)


# What stands in the address of a route, by the route's name.
def _import() -> Values:
    """An import with a row in each list; the demo has none."""
    told = [
        past.row(),
        past.row("C536500", quantity=-2, at="2010-12-09 14:00:00"),
        past.row("C536501", quantity=-1, customer="", at="2010-12-09 14:00:00"),
        past.row("536502", quantity=-3, customer=""),
    ]
    run = past.imported(past.source(told), seller="retailer", at=clock.now())
    return [(run.pk,)]


def _price_list() -> Values:
    """A list with a line that can't be taken, sent now where the demo has none: few units have no market to watch."""
    found = PriceList.objects.order_by("pk").first() or pricelists.send(
        b"maker,model,grade,amount\nNobody,Nothing,A,1\n", name="walk.csv", kind="prices", source="walk", currency="EUR",
        by=actors.system("walk"), at=clock.now(),
    )  # fmt: skip
    return [(found.pk,)]


def _business() -> Values:
    """A return of a business whose boxes are still to be counted, else any."""
    rows = BusinessCase.objects.order_by("complete_at", "rma__opened_at")
    found = rows.filter(complete_at=None, box_counts__isnull=False).first() or rows.first()
    return [(found.rma.number,)] if found is not None else []


def _evidence() -> Values:
    """A photo in a dispute, added now: those of the demo have none."""
    note = DisputeNote.objects.first()
    if note is None:
        return []
    if note.artifact is None:
        note.artifact = artifacts.keep_photo(pictures.drawn("a sealed box"), at=clock.now())
        note.save(update_fields=["artifact"])
    return [(note.pk,)]


def _interchange() -> Values:
    """Our answer by EDI to a return of the demo, made now: the demo's customers agreed on none."""
    case = BusinessCase.objects.filter(rma__status__in=["approved", "handed_over", "arrived"]).first()
    if case is None:
        return []
    walk = actors.system("walk")
    if not EdiPartner.objects.filter(customer=case.customer, seller=case.rma.seller).exists():
        partners.add_partner(
            customer=case.customer, seller=case.rma.seller, qualifier="ZZ", identifier="WALK", own_qualifier="ZZ",
            own_identifier="REVLOG", by=walk, at=clock.now(),
        )  # fmt: skip
    return [(edi.authorize(case, by=walk, at=clock.now()).pk,)]


def _session_line(status: str) -> Callable[[], Values]:
    rows = SessionLine.objects.filter(session__status=status, device__isnull=False).order_by("at", "id")
    return lambda: list(rows.values_list("session__number", "pk")[:1])


NAMED: Mapping[str, Callable[[], Values]] = {
    "business_interchange": _interchange,
    "business_return": _business,
    "business_count": _business,
    "business_inspect": _business,
    "business_match": _business,
    "business_dispute": _first(Dispute.objects.order_by("decided_at", "opened_at")),
    "business_evidence": _evidence,
    "business_memo": _first(Memo.objects.order_by("proposed_at")),
    "prices_of_model": _first(Price.objects.order_by("basis", "pk"), "product_id"),
    "price_list": _price_list,
    "demo_mail": _first(Message.objects.order_by("-created_at")),
    "demo_mail_html": _first(Message.objects.order_by("-created_at")),
    "sample": lambda: [(one.name,) for one in samples.listed()[:1]],
    "account_confirm_email": _confirmation,
    "account_reset_password_from_key": _reset,
    "container": _first(Container.objects.filter(location__hub=stable.HUBS[0].id).order_by("made_at"), "number"),
    "packaging_statement": _first(
        PackagingAccount.objects.exclude(partner=None).order_by("opened_at"), "partner__code"
    ),
    "packaging_csv": _first(PackagingAccount.objects.exclude(partner=None).order_by("opened_at"), "partner__code"),
    "unit": _tags(*STATES),
    "unit_photo": _unit_photo,
    "delivery": _first(Delivery.objects.order_by("status", "-begun_at"), "number"),
    "transfer": _first(Transfer.objects.order_by("status", "-created_at"), "number"),
    "transfer_way": _first(Transfer.objects.filter(status="planned").order_by("-created_at"), "number"),
    "transfer_picture": _first(TransferDiscrepancy.objects.exclude(photo=None).order_by("noted_at")),
    "delivery_photo": lambda: list(
        DeliveryLine.objects.exclude(photo=None).values_list("delivery__number", "pk").order_by("pk")[:1]
    ),
    "contract": _first(Contract.objects.order_by("created_at"), "number"),
    "contract_edit": _first(Contract.objects.order_by("created_at"), "number"),
    "bill": lambda: [
        (number,) for number in dict(Bill.objects.order_by("entered_at").values_list("status", "number")).values()
    ],
    "carrier_claim": _first(CarrierClaim.objects.order_by("drafted_at"), "number"),
    "carrier_claim_photo": lambda: list(
        CarrierClaim.objects.exclude(evidence=None).values_list("number", "evidence").order_by("drafted_at")[:1]
    ),
    "rate_card": _cards,
    "rate_card_csv": _cards,
    "unit_export": _tags(State.SOLD),
    "verify": _first(_documents()),
    "document": _first(_documents()),
    "portal_lines": _order(),
    "portal_why": _order(),
    "portal_outcomes": _order(line=True),
    "portal_try": _order(line=True),
    "portal_check": _order(),
    "returns_link": _link,
    "portal_status": _number,
    "portal_pay": _charge,
    "portal_way": _number,
    "portal_rate": _number,
    "accounts_company": lambda: [("retailer",)],
    "counter_bag": _first(Bag.objects.order_by("bagged_at"), "code"),
    "counter_receipt": _first(Rma.objects.exclude(place=None).order_by("opened_at"), "number"),
    "returns_calendar_feed": _feed,
    "portal_labels": _number,
    "portal_label": _label,
    "portal_photo": _photo,
    "returns_photo": _photo,
    "returns_queue": lambda: [("restock",), ("send-back",), ("expected",)],
    "recall": _first(Recall.objects.order_by("mock", "-opened_at"), "number"),
    "recall_report": _first(Recall.objects.order_by("mock", "-opened_at"), "number"),
    "recall_link": _recall_link,
    "returns_panel_origin": _tags(State.SOLD),
    "returns_panel_warranty": _tags(State.SOLD),
    "supplier_claim": _claim,
    "accounting_run": _first(AccountingRun.objects.order_by("number"), "number"),
    "accounting_file": lambda: [
        (number, "journal") for number in AccountingRun.objects.values_list("number", flat=True)[:1]
    ],
    "tradein_model": _first(ProductModel.objects.filter(device_class="phone").order_by("name")),
    "tradein_quote": _trade("portal"),
    "kiosk_quote": _trade("portal"),  # leads to the start: another kiosk's quote isn't shown
    "kiosk_model": _first(ProductModel.objects.filter(device_class="phone").order_by("name")),
    "tradeins_one": _trade("portal"),
    "portal_purchase": _purchase,
    "payout_file": _first(PayoutFile.objects.order_by("-status", "drawn_at"), "number"),
    "payout_file_load": _first(PayoutFile.objects.exclude(digest="").order_by("drawn_at"), "number"),
    "unsold_one": _first(Unsold.objects.filter(device__hub=stable.HUBS[0].id).order_by("-found_at")),
    "rtv": _first(
        VendorReturn.objects.filter(hub=stable.HUBS[0].id, asked_at__isnull=False).order_by("-drafted_at"), "number"
    ),
    "place": lambda: [("rotterdam", "CAGE-A1")],
    "count": lambda: [
        (one.number,)
        for state in ("review", "recount", "open", "done")
        for one in Count.objects.filter(hub=stable.HUBS[0].id, state=state).order_by("place__code")[:1]
    ],
    "shipment": _first(
        Shipment.objects.filter(direction="outbound", hub=stable.HUBS[0].id).order_by("created_at"), "number"
    ),
    "hazard": lambda: [
        (one.number,)
        for state in ("open", "closed")
        for one in HazardCase.objects.filter(hub=stable.HUBS[0].id, state=state).order_by("reported_at")[:1]
    ],
    "hazard_photo": _first(
        HazardCase.objects.filter(hub=stable.HUBS[0].id).exclude(photo=None).order_by("reported_at"), "number"
    ),
    "print_job": _first(PrintJob.objects.order_by("asked_at")),
    "print_file": _first(
        PrintJob.objects.order_by("asked_at")
    ),  # leads to the job: only who asked opens it, for 15 minutes
    "printer": _first(Printer.objects.filter(active=True).order_by("name")),
    "board_alarms": lambda: [("parcels",)],
    "hand_over_detail": _first(HandOver.objects.order_by("-given_at"), "number"),
    "pick_list": _first(PickList.objects.order_by("opened_at"), "number"),
    "receiving_session": _first(ReceivingSession.objects.order_by("opened_at"), "number"),
    "receiving_photo": _session_line("open"),
    "receiving_parts": _session_line("open"),
    "receiving_checks": _first(NumberCheck.objects.order_by("checked_at"), "device__tag"),
    "floor_act_picture": _first(ActFile.objects.order_by("pk")),
    "receiving_picture": lambda: [
        (row.number, row.signature_id)
        for row in ReceivingSession.objects.filter(status="signed", signature__isnull=False).order_by("opened_at")[:1]
    ],
    "vendor": lambda: [("supplier",)],
    "vendor_agreement": lambda: [("supplier",)],
    "corrective_action": _first(CorrectiveAction.objects.order_by("opened_at"), "number"),
    "fraud_case": _first(Review.objects.order_by("-status", "-points"), "rma__number"),
    "recall_owner": _recalled,
    "vendor_answer_link": _vendor_link,
    "vendor_answer": lambda: [(row.pk,) for row in _asked_of_a_vendor()],
    "returns_appeal": _first(Appeal.objects.order_by("-opened_at")),
    "bench_quote": _tags(State.TO_REFURBISH),
    "returns_trouble": _first(Discrepancy.objects.order_by("-raised_at")),
    "returns_rma": _number,
    "returns_worth": _first(Rma.objects.exclude(kind="trade").order_by("-opened_at"), "number"),
    "desk_customer": lambda: [(rma.contact_id,)] if (rma := _rma()) else [],
    "desk_order": lambda: [(rma.order_id,)] if (rma := _rma()) else [],
    "desk_line": lambda: [(rma.lines.values_list("order_line_id", flat=True)[0],)] if (rma := _rma()) else [],
    "desk_case": _case,
    "trial_new": lambda: [(_trial().rule_set_id,)],
    "trials_of_draft": lambda: [(_trial().rule_set_id,)],
    "trial": lambda: [(_trial().pk,)],
    "trial_progress": lambda: [(_trial().pk,)],
    "trial_cases": lambda: [(_trial().pk,)],
    "trial_json": lambda: [(_trial().pk,)],
    "order": _first(Order.objects.order_by("-ordered_at")),
    "orders_import_run": _import,
    "unit_numbers": _first(NumberConflict.objects.filter(settled_at=None).order_by("found_at"), "device__tag"),
    "itad_manifest": _first(ManifestRun.objects.order_by("status", "-started_at")),
    "itad_manifest_refused": _first(ManifestRun.objects.filter(refused__gt=0).order_by("-started_at")),
    "triage_unit": _tags(State.IN_TRIAGE, State.TO_SANITIZE),
    "triage_decontamination": _first(
        Device.objects.filter(device_class="medical").order_by("decontaminated", "id"), "tag"
    ),
    "triage_look": lambda: [
        *_first(Look.objects.order_by("begun_at"), "device__tag")(),
        *_tags(State.IN_TRIAGE)(),
    ],
    "triage_looks": _first(SecondLook.objects.exclude(second=None).order_by("pk")),
    "triage_regrade": _first(Regrade.objects.order_by("-pk")),
    "triage_regrade_csv": _first(Regrade.objects.order_by("-pk")),
    "triage_plan": _first(DayPlan.objects.order_by("-pk")),
    "triage_report": lambda: [
        *_first(TestReport.objects.order_by("-pk"))(),
        *_first(TestReport.objects.filter(status="split"))(),
        *_first(TestReport.objects.filter(reason_code="UNKNOWN_FORMAT"))(),
    ],
    "triage_report_columns": _first(TestReport.objects.filter(reason_code="UNKNOWN_FORMAT", name__endswith=".csv")),
    "triage_panel_grade": _tags(State.SOLD),
    "triage_panel_decision": _tags(State.SOLD),
    "itad_unit": _tags(State.TO_SANITIZE, State.TO_DESTROY, State.TO_DONATE, State.TO_DEPLOY),
    "itad_panel_media": _tags(State.TO_SANITIZE),
    "itad_panel_documents": _tags(State.SOLD),
    "bench_work": _first(_repairs()),
    "bench_check": _first(_repairs()),
    "bench_harvest": _harvest,
    "bench_part": _first(Part.objects.order_by("pk")),
    "refurb_panel_parts": _tags(State.SOLD),
    "sales_pool": _first(Pool.objects.order_by("-pk")),
    "sales_order": _first(Sale.objects.filter(device__hub=stable.HUBS[0].id).order_by("-pk"), "line__order_id"),
    "sales_lot": _first(Lot.objects.exclude(document=None).order_by("-opened_at"), "number"),
    "sales_lot_csv": _first(Lot.objects.exclude(document=None).order_by("-opened_at"), "number"),
    "sales_lot_pdf": _first(Lot.objects.exclude(document=None).order_by("-opened_at"), "number"),
    "resale_panel_offer": _tags(State.TO_SELL),
    "recycling_batch": lambda: [(pk,) for pk in _batches().values_list("pk", flat=True)[:1]],
    "recycling_fill": lambda: [(pk,) for pk in _batches().filter(state="open").values_list("pk", flat=True)[:1]],
    "recycling_panel_batch": _first(Member.objects.filter(device__hub=stable.HUBS[0].id), "device__tag"),
    "rules_kind": lambda: [(ruling.kinds()[0],), (policy.KIND,)],
    "rules_edit": lambda: [(policy.KIND,)],
    "rules_file": lambda: [(policy.KIND,)],
    "api-problem": lambda: [("not_found",)],
    "api-nothing": lambda: [("no/such/thing",)],
}


def _who(needs: tuple[str, ...], actors: Mapping[str, Actor]) -> str | None:
    if needs[0] in {Level.PUBLIC, Level.GUEST}:
        return GUEST
    if needs[0] == Level.STATION:
        return STATION
    if needs[0] == Level.PERSONAL:
        return GUARDED
    if needs[0] == Level.SIGNED_IN:
        return "maria"
    return next((name for name, actor in actors.items() if any(actor.may(need) for need in needs)), None)


def _made_up(route: access.Route) -> str:
    """The address of ``route`` with made-up names in it."""
    for guess in (NOBODY, "no-such-thing", 1):
        names = [name for part in route.patterns for name in getattr(part.pattern, "converters", {})]
        names += [
            name
            for part in route.patterns
            if not hasattr(part.pattern, "converters")
            for name in part.pattern.regex.groupindex
        ]
        try:
            return reverse(route.name, kwargs=dict.fromkeys(names, guess))
        except NoReverseMatch:
            continue
    return ""


def found() -> list[Address]:
    """Every route of the site but the API's, with somebody who may open it."""
    at = clock.now()
    crew = {name: queries.actor_of(people.demo_user(name), at=at) for name in PEOPLE}
    told: list[Address] = []
    for route in access.routes():
        if route.row is None or route.row.is_api:
            continue
        who = _who(route.row.read, crew) or "nobody"
        try:
            told.append(Address(route.name, reverse(route.name), who))
            continue
        except NoReverseMatch:
            pass
        values = list(NAMED[route.name]()) if route.name in NAMED else []
        told += [Address(route.name, reverse(route.name, args=each), who) for each in values]
        if route.name == "unit" and values:
            told += [
                Address(route.name, f"{reverse(route.name, args=values[-1])}?tab={tab}", "maria") for tab, _ in TABS
            ]
        if not values:
            told.append(Address(route.name, _made_up(route), who, named=False))
    return told


def told() -> dict[str, Any]:
    """Everything that whoever opens the pages must know, as JSON."""
    order, rma = _returnable(), _rma()
    guarded = _guarded()
    guarded.set_password("a long and odd password")
    guarded.save(update_fields=["password"])
    if not guarded.authenticator_set.exists():
        TOTP.activate(guarded, generate_totp_secret())
        RecoveryCodes.activate(guarded)
    hub = Hub.objects.get(pk=stable.HUBS[0].id)
    lead = queries.actor_of(people.demo_user("aisha"), at=clock.now(), hub=hub.pk)
    station = stations.register(hub=hub, name="Dock 9", by=lead, at=clock.now())
    return json.loads(
        json.dumps(
            {
                "addresses": [asdict(each) for each in found()],
                "order": [order.number, order.contact.email] if order and order.contact else None,
                "link": reverse("returns_link", args=next(iter(_link()))) if rma else "",
                "station": station.token,
            }
        )
    )
