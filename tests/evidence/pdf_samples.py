"""Records as real jobs make them, for the tests of the documents: a bank's laptops, a dead phone, a chain of hundreds of entries."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256

from revlog.evidence.pdf import contexts
from revlog.evidence.pdf.qr import qr_svg

VERIFY = "https://proof.vegarecycling.example/verify/0199a4e2-6c1f-7b7e-9d53-2f1c7a90c3be/"
LOGO = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 160 40' width='160' height='40'%3E"
    "%3Cpath d='M4 6h10l8 20 8-20h10L26 36h-8z' fill='%230b5563'/%3E%3Cpath d='M48 30h100' stroke='%23111' stroke-width='3'/%3E%3C/svg%3E"
)
TOMAS = contexts.Person(staff="S-4K7M", role="data_technician")
NOOR = contexts.Person(staff="S-9Q2F", role="quality")
LEAD = contexts.Person(staff="S-1B8D", role="manager")
ISSUER = contexts.Issuer(
    name="Vega Recycling B.V.",
    address_lines=("Waalhaven Z.z. 19", "3089 JH Rotterdam, Netherlands"),
    logo=LOGO,
    contact="proof@vegarecycling.example",
    registration="Permit DCMR 9999-2024-0117",
)
BANK = contexts.Party(
    name="Nordmark Kreditbank AG",
    address_lines=("Ludwig-Erhard-Straße 30", "20459 Hamburg, Germany"),
    reference="PO-2026-00417 / Filialrollout Nord",
)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def sheet(number: str = "CS-2026-000417", *, paper: contexts.Paper = "a4", **changes: str) -> contexts.Sheet:
    values = {"verify_url": VERIFY, "qr": qr_svg(VERIFY), "zone": "Europe/Amsterdam"} | changes
    return contexts.Sheet(number=number, issued_at="2026-03-04T14:21:09.250000Z", issuer=ISSUER, paper=paper, **values)


def proof(last: int = 17) -> contexts.Proof:
    return contexts.Proof(
        chain="unit:0199a4e2-6c1f-7b7e-9d53-2f1c7a90c3be",
        first_sequence=0,
        last_sequence=last,
        head_digest=digest("head"),
        attachment="ledger.json",
        checkpoint_size=184_223,
        checkpoint_root=digest("root"),
        key_id="ed25519:9f31c2a07be4",
    )


SIGNATURES = (
    contexts.Signature(act="performed", person=TOMAS, at="2026-03-04T12:02:44Z"),
    contexts.Signature(act="verified", person=NOOR, at="2026-03-04T13:40:00Z"),
)
LAPTOP = contexts.Unit(
    name="Lenovo ThinkPad T480, 16 GB",
    tag="RL-7K3M-9Q",
    serial="PF1CVK3T",
    asset_tag="NKB-HH-004471",
    category="laptop",
)


def sanitization(index: int = 0, **changes: object) -> contexts.Sanitization:
    values: dict[str, object] = {
        "medium": contexts.Medium(
            kind="nvme",
            model="SAMSUNG MZVLB512HAJQ-000L7",
            serial=f"S3TNNX0K{400000 + index}",
            capacity_bytes=512_110_190_592,
        ),
        "level_required": "purge",
        "level_achieved": "purge",
        "technique": "block_erase",
        "method": "NVMe Sanitize, block erase; read-back of 10 %",
        "standard": "IEEE 2883-2022",
        "tool": "nvme-cli",
        "tool_version": "2.11",
        "tool_report_digest": digest(f"report {index}"),
        "started_at": "2026-03-04T11:58:02Z",
        "ended_at": "2026-03-04T12:02:44Z",
        "bytes_total": 512_110_190_592,
        "bytes_erased": 512_110_190_592,
        "errors": 0,
        "outcome": "success",
        "verification": "sampled_read_back",
        "verification_verdict": "passed",
        "verification_detail": "2,000 places in 1,000 sections, seed kept; nothing found",
        "performed_by": TOMAS,
        "verified_by": NOOR,
    }
    return contexts.Sanitization(**(values | changes))  # type: ignore[arg-type]


def of_sanitization(
    *, paper: contexts.Paper = "a4", media: int = 0, **changes: str
) -> contexts.CertificateOfSanitization:
    hdd = sanitization(
        1,
        medium=contexts.Medium(
            kind="hdd", model="ST1000LM035-1RK172", serial="WDES8QZN", capacity_bytes=1_000_204_886_016
        ),
        level_required="clear",
        level_achieved="clear",
        technique="overwrite",
        method="PRNG stream, 1 round, blanking, verify all",
        standard="",
        tool="nwipe",
        tool_version="0.42",
        started_at="2026-03-03T07:10:00Z",
        ended_at="2026-03-03T13:44:51Z",
        bytes_total=1_000_204_886_016,
        bytes_erased=1_000_204_886_016,
        verification="full_read_back",
        verification_detail="",
        earlier_attempts=(
            contexts.Attempt(
                at="2026-03-02T16:31:00Z",
                technique="overwrite",
                tool="nwipe 0.42",
                outcome="aborted",
                reason="power lost after 38 %",
            ),
        ),
    )
    listed = tuple(sanitization(10 + n) for n in range(media)) or (sanitization(), hdd)
    return contexts.CertificateOfSanitization(
        sheet=sheet(paper=paper, **changes),
        client=BANK,
        job="JOB-2026-0088",
        site="Rotterdam, data cage 2",
        units=(contexts.SanitizedUnit(unit=LAPTOP, media=listed, destination="resale"),),
        proof=proof(),
        signatures=SIGNATURES,
    )


def of_destruction(*, paper: contexts.Paper = "a4", **changes: str) -> contexts.CertificateOfDestruction:
    drive = contexts.Destruction(
        medium=contexts.Medium(
            kind="hdd", model="WDC WD5000LPLX-08ZNTT1", serial="WX41A48H7ZPD", capacity_bytes=500_107_862_016
        ),
        technique="shred",
        equipment="HSM Powerline HDS 230, 20 mm screen",
        equipment_serial="HDS230-118-2207",
        particle_mm="18.5",
        particle_class="H-4",
        weight_grams=94,
        at="2026-03-04T12:15:30Z",
        performed_by=TOMAS,
        witnessed_by=NOOR,
        pictures=(
            contexts.Picture(
                caption="before, label readable", taken_at="2026-03-04T12:14:02Z", digest=digest("before")
            ),
            contexts.Picture(caption="fragments", taken_at="2026-03-04T12:17:40Z", digest=digest("after")),
        ),
        earlier_attempts=(
            contexts.Attempt(
                at="2026-03-03T09:02:00Z",
                technique="sanitize_overwrite",
                tool="hdparm 9.65",
                outcome="failed",
                reason="118 sectors could not be written",
            ),
        ),
    )
    chip = contexts.Destruction(
        medium=contexts.Medium(
            kind="ufs",
            model="Samsung KLUDG4UHDC",
            serial="",
            capacity_bytes=128_035_676_160,
            internal_id="M-2026-7K3M9Q-0001-RTM",
        ),
        technique="disintegrate",
        equipment="SEM Model 2SSD",
        equipment_serial="2SSD-4471",
        particle_mm="2",
        particle_class="E-5",
        weight_grams=None,
        at="2026-03-04T12:22:00Z",
        performed_by=TOMAS,
        witnessed_by=LEAD,
    )
    return contexts.CertificateOfDestruction(
        sheet=sheet("CD-2026-000093", paper=paper, **changes),
        client=BANK,
        job="JOB-2026-0088",
        site="Rotterdam, data cage 2",
        units=(
            contexts.DestroyedUnit(unit=LAPTOP, media=(drive,), remains="94 g to batch B-2026-031, stream 19 12 02"),
            contexts.DestroyedUnit(
                unit=contexts.Unit(
                    name="Samsung Galaxy S20 5G, 128 GB", tag="RL-2C8P-4D", serial="RF8N30ABCDE", category="phone"
                ),
                media=(chip,),
            ),
        ),
        proof=proof(),
        signatures=(*SIGNATURES[:1], contexts.Signature(act="witnessed", person=NOOR, at="2026-03-04T12:15:30Z")),
    )


SENTENCES = (
    "Announced by Nordmark Kreditbank AG on manifest M-2026-0031",
    "Handed over at the dock, seal 4471023 intact",
    "Received at Rotterdam, dock 2; weight 1.612 kg",
    "Moved to the data cage, tote 4",
    "Test report read: memory 16 GB, two media found",
    "Sanitization of S3TNNX0K400000 verified: purge reached by block erase",
    "Graded B: scratches on the lid, battery at 81 %",
)


def custody(entries: int = 12, *, paper: contexts.Paper = "a4", **changes: str) -> contexts.ChainOfCustody:
    return contexts.ChainOfCustody(
        sheet=sheet("CC-2026-001204", paper=paper, **changes),
        unit=LAPTOP,
        owner=BANK,
        entries=tuple(
            contexts.CustodyEntry(
                sequence=n,
                at=f"2026-03-{1 + n // 40 % 28:02}T{8 + n // 60 % 10:02}:{n % 60:02}:07Z",
                sentence=SENTENCES[n % len(SENTENCES)],
                kind="devices.moved",
                actor=("S-4K7M", "S-9Q2F", "S-1B8D, lead")[n % 3],
                place=("Rotterdam, dock 2", "Rotterdam, cage", "in transit")[n % 3],
                digest=digest(f"entry {n}"),
            )
            for n in range(entries)
        ),
        proof=proof(entries - 1),
    )


def label(**changes: str) -> contexts.ReturnLabel:
    return contexts.ReturnLabel(
        sheet=sheet("RL-2026-88121", paper="label"),
        rma="RMA-7K3M-9QF2",
        sender=contexts.Party(name="A. Customer", address_lines=("Königstraße 14", "70173 Stuttgart", "Germany")),
        receiver=contexts.Party(
            name="Vega Retouren", address_lines=("Waalhaven Z.z. 19, Dock 2", "3089 JH Rotterdam", "NETHERLANDS")
        ),
        qr=qr_svg("RMA-7K3M-9QF2"),
        parcel=1,
        parcels=2,
        hand_in=changes.get("hand_in", "any DHL ServicePoint"),
        hand_in_until="2026-03-18",
        carrier="DHL Parcel Connect",
        tracking="JJD000390007712345678",
        warning=changes.get("warning", ""),
    )


def packing(*, paper: contexts.Paper = "a4", lines: int = 3) -> contexts.PackingSlip:
    return contexts.PackingSlip(
        sheet=sheet("PS-2026-003310", paper=paper),
        order="SO-2026-10442",
        ordered_at="2026-03-02",
        sender=contexts.Party(name="Vega Recycling B.V.", address_lines=ISSUER.address_lines),
        receiver=contexts.Party(
            name="Berufskolleg Mitte",
            address_lines=("Hansastraße 2", "44137 Dortmund", "Germany"),
            reference="BK-77/2026",
        ),
        lines=tuple(
            contexts.PackedLine(
                description=(
                    "Lenovo ThinkPad T480, i5-8350U, 16 GB, 512 GB",
                    "HP EliteDesk 800 G4 SFF, 8 GB",
                    "USB-C cable, 1 m",
                )[n % 3],
                sku=("TP-T480-16-512-DE", "HP-ED800G4-8", "CBL-USBC-1")[n % 3],
                grade=("B", "A", "")[n % 3],
                quantity=(2, 1, 400)[n % 3],
                serials=(("PF1CVK3T", "PF1CVK4B"), ("CZC9287ABCDEFGH1234567890XYZ",), ())[n % 3],
            )
            for n in range(lines)
        ),
        packed_by=contexts.Person(staff="S-3R5T", role="packer"),
        parcels=2,
        weight_grams=12_450,
        carrier="DHL Freight",
        tracking="JJD000390007712345678",
        warranty="12 months from delivery, return to our workshop.",
    )


def recycling(*, paper: contexts.Paper = "a4", **changes: str) -> contexts.CertificateOfRecycling:
    fraction = contexts.Fraction
    return contexts.CertificateOfRecycling(
        sheet=sheet("CR-2026-000031", paper=paper, **changes),
        client=BANK,
        batch="B-2026-031",
        site="Rotterdam, hall 3",
        permit="DCMR 9999-2024-0117",
        opened_at="2026-02-16T08:00:00Z",
        closed_at="2026-03-02T16:30:00Z",
        received=(
            contexts.Received(description="Laptops, beyond repair", waste_code="16 02 13*", pieces=212, grams=402_300),
            contexts.Received(description="Cables, mixed", waste_code="17 04 11", pieces=None, grams=88_450),
            contexts.Received(description="Hard disk fragments", waste_code="19 12 02", pieces=None, grams=61_094),
        ),
        fractions=(
            fraction(
                description="Steel",
                waste_code="19 12 02",
                grams=148_200,
                operation="R4",
                interim=False,
                receiver="Maas Metaal N.V., Rotterdam",
                permit="NL-RM-4471",
                load="L-2026-0211",
            ),
            fraction(
                description="Aluminum",
                waste_code="19 12 03",
                grams=96_700,
                operation="R4",
                interim=False,
                receiver="Maas Metaal N.V., Rotterdam",
                permit="NL-RM-4471",
                load="L-2026-0211",
            ),
            fraction(
                description="Printed circuit boards, high grade",
                waste_code="16 02 16",
                grams=71_350,
                operation="R4",
                interim=False,
                receiver="Kupferhütte Nord GmbH, Hamburg",
                permit="HH-BImSchG-0091",
                load="L-2026-0214",
            ),
            fraction(
                description="Lithium-ion batteries",
                waste_code="16 06 05",
                grams=60_150,
                operation="R12",
                interim=True,
                receiver="Accu Return B.V., Moerdijk",
                permit="NB-2025-884",
                load="L-2026-0219",
            ),
            fraction(
                description="Plastics, ABS/PC",
                waste_code="19 12 04",
                grams=118_900,
                operation="R3",
                interim=False,
                receiver="Polyloop S.A., Gent",
                permit="VL-OVAM-2210",
                load="L-2026-0220",
            ),
        ),
        balance=contexts.Balance(
            opening_grams=12_000,
            received_grams=551_844,
            fractions_grams=495_300,
            loss_grams=1_544,
            closing_grams=67_000,
            recovered="87.6",
        ),
        proof=proof(),
        signatures=(contexts.Signature(act="approved", person=LEAD, at="2026-03-04T13:00:00Z"),),
    )


def purchase(*, paper: contexts.Paper = "a4", **changes: str) -> contexts.PurchaseDocument:
    return contexts.PurchaseDocument(
        sheet=sheet("PD-2026-000007", paper=paper),
        buyer=contexts.Party(name="Polder Shop"),
        seller=contexts.Party(name="Robin Visser", address_lines=("Oude Dijk 7", "3011 AA Rotterdam", "NL")),
        trade_in="TI-7K3M-9QXA",
        description="Fairphone 5",
        tag="RL-7K3M-9QXA",
        grade="C",
        serials=("490154203237518",),
        promised="226.00",
        amount=changes.get("amount", "170.00"),
        currency="EUR",
        bought_at="2026-03-04T13:00:00Z",
        paid_by="bank transfer",
        vat="margin scheme",
        identity="passport, looked at by S-3R5T",
        declaration="It belongs to me, and isn't stolen.",
        declared_at="2026-03-01T10:00:00Z",
        proof=proof(),
        why="It is in worse condition than you told us.",
        hold_until="2026-03-07T22:59:59Z",
    )


def memo(
    kind: type[contexts.CreditMemo] = contexts.CreditMemo,
    *,
    paper: contexts.Paper = "a4",
    lines: int = 4,
    **changes: str,
) -> contexts.CreditMemo:
    rows = tuple(
        contexts.CreditedLine(
            position=n + 1,
            description=("Toner, black, for office printers", "USB-C cable, 1 m", "Docking kit: Cable")[n % 3],
            sku=("TONER-1", "CBL-USBC-1", "KIT-1")[n % 3],
            lot=("L-2207", "", "B-0001234567890")[n % 3],
            order=f"SO-2026-{1000 + n}",
            announced=40,
            received=(38, 40, 41)[n % 3],
            quantity=(38, 40, 40)[n % 3],
            price="25.00",
            amount=("950.00", "1000.00", "1000.00")[n % 3],
            note=("fewer came", "", "more came")[n % 3],
        )
        for n in range(lines)
    )
    return kind(
        sheet=sheet("CM-2026-000042", paper=paper),
        seller=contexts.Party(name="Polder Shop"),
        customer=contexts.Party(name="Iberia Lots", reference="RA-2026-5"),
        rma="RMA-7K3M-9QXA",
        papers=(("Purchase order", "PO-77"), ("Invoice", "INV-2026-881")),
        lines=rows,
        total=str(sum((Decimal(row.amount) for row in rows), Decimal(0))),
        currency="EUR",
        proof=proof(),
        corrects=changes.get("corrects", ""),
        why=changes.get("why", ""),
        approved_by="S-3R5T",
    )


def vendor_return(*, paper: contexts.Paper = "a4", lines: int = 3) -> contexts.VendorReturn:
    rows = tuple(
        contexts.VendorReturnLine(
            position=n + 1,
            description=("USB-C cable, 2 m", "Notebook sleeve 14", "Laser toner, black")[n % 3],
            name=f"RV-{4000 + n}",
            lot=("L-260", "", "B-0001234567890")[n % 3],
            order=f"PO-{4100 + n}",
            reason=("overstock", "out of season", "about to expire")[n % 3],
            quantity=(400, 1, 60)[n % 3],
            price=("2.40", "6.90", "38.00")[n % 3],
        )
        for n in range(lines)
    )
    value = sum((Decimal(row.price) * row.quantity for row in rows), Decimal(0))
    return contexts.VendorReturn(
        sheet=sheet("VR-2026-000012", paper=paper),
        number="RTV-2026-000003",
        sender=contexts.Party(name="Vega Recycling", address_lines=("Maasboulevard 4", "3011 Rotterdam")),
        receiver=contexts.Party(name="Norden Devices"),
        theirs="ND-R-7710",
        agreement=2,
        until="2026-04-30",
        carrier="Delta Parcel",
        account="ND-2207",
        carriage="Carriage paid by the sender",
        papers="A copy of the purchase order",
        parcels=2,
        packed_by=LEAD,
        lines=rows,
        value=str(value),
        expected=str((value * Decimal("0.9")).quantize(Decimal("0.01"))),
        currency="EUR",
        proof=proof(),
    )


def lot_manifest(*, paper: contexts.Paper = "a4", lines: int = 3) -> contexts.LotManifest:
    rows = tuple(
        contexts.LotLine(
            position=n + 1,
            description=("USB-C cable, 2 m", "Lenovo ThinkPad T480", "Laser toner, black")[n % 3],
            name=("RV-4000", "PF1ABCDE", "RV-4002")[n % 3],
            lot=("L-260", "", "B-0001234567890")[n % 3],
            condition=("not graded", "grade B", "sealed")[n % 3],
            quantity=(400, 1, 60)[n % 3],
            value=("960.00", "249.00", "2280.00")[n % 3],
        )
        for n in range(lines)
    )
    return contexts.LotManifest(
        sheet=sheet("LM-2026-000003", paper=paper),
        number="LT-7K3M-9QXA",
        name="Mixed accessories",
        edition=2,
        seller=contexts.Party(name="Vega Recycling"),
        place=contexts.Party(name="Rotterdam", address_lines=("Maasboulevard 4", "3011 Rotterdam")),
        until="2026-04-30",
        lines=rows,
        value=str(sum((Decimal(row.value) for row in rows), Decimal(0))),
        asking="2500.00",
        currency="EUR",
        proof=proof(),
    )


def delivery_sheet(*, paper: contexts.Paper = "a4", lines: int = 3) -> contexts.DeliverySheet:
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="

    def rows(letter: str, count: int, note: str) -> tuple[contexts.DeliveredParcel, ...]:
        return tuple(contexts.DeliveredParcel(tracking=f"DP{letter}{4000 + n}", note=note) for n in range(count))

    return contexts.DeliverySheet(
        sheet=sheet("DS-2026-000007", paper=paper),
        delivery="DL-7K3M-9QXA",
        carrier="Delta Parcel",
        receiver=contexts.Party(name="Vega Recycling, Rotterdam", address_lines=("Maasboulevard 4", "3011 Rotterdam")),
        door="DOOR-2",
        reference="TOUR 4711",
        began_at="2026-03-04T08:02:00Z",
        ended_at="2026-03-04T08:09:30Z",
        list_from="what is announced to us",
        expected=48,
        counted=47,
        damaged=rows("D", 2, ""),
        missing=rows("M", lines, ""),
        uncounted=0,
        unlisted=rows("U", 1, "not on the list"),
        turned_away=rows("T", 1, "for another site"),
        taken_by=contexts.Person(staff="S-3R5T", role="receiver"),
        signature=f"data:image/png;base64,{dot}",
        unsigned="",
        proof=proof(),
    )


def handover_paper(*, paper: contexts.Paper = "a4", lines: int = 3, taken_in: bool = False) -> contexts.HandoverPaper:
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
    return contexts.HandoverPaper(
        sheet=sheet("HP-2026-000002", paper=paper),
        transfer="TR-7K3M-9QXA",
        shipment="SH-7K3M-9QXA",
        giver=contexts.Party(name="Vega Recycling, Rotterdam", address_lines=("Maasboulevard 4", "3011 Rotterdam")),
        receiver=contexts.Party(name="Vega Recycling, Leipzig", address_lines=("Torgauer Str. 9", "04318 Leipzig")),
        carrier="Delta Parcel",
        released_at="2026-03-04T08:02:00Z",
        things=tuple(
            contexts.HandedOver(code=f"CT-7K3M-{9000 + n}", units=n + 1, seals=f"S{4000 + n}", root="ab" * 32)
            for n in range(lines)
        ),
        total=sum(n + 1 for n in range(lines)),
        left=1,
        legs=(
            contexts.HandoverStretch(
                number=1, carrier="Delta Parcel", mode="by road", begins_at="Rotterdam", ends_at="Rotterdam Maasvlakte",
                planned_from="2026-03-04T08:00:00Z", planned_to="2026-03-04T12:00:00Z", note="",
            ),
            contexts.HandoverStretch(
                number=2, carrier="Blue Line", mode="by sea", begins_at="Rotterdam Maasvlakte", ends_at="Oslo",
                planned_from="2026-03-05T08:00:00Z", planned_to="2026-03-08T12:00:00Z", note="CSQU3054383, Aurora 12W",
            ),
        ),
        given_by=contexts.Person(staff="S-3R5T", role="receiver"),
        signature=f"data:image/png;base64,{dot}",
        unsigned="",
        taken=contexts.HandoverTaken(
            at="2026-03-08T14:20:00Z",
            things=lines - 1,
            of=lines,
            differences=(
                contexts.HandoverDifference(code="CT-7K3M-9001", what="didn't come", note=""),
                contexts.HandoverDifference(code="CT-7K3M-9000", what="came damaged", note="One corner is crushed."),
            ),
            taken_by=contexts.Person(staff="S-8Q2W", role="receiver"),
            signature=f"data:image/png;base64,{dot}",
            unsigned="",
        )
        if taken_in
        else None,
        proof=proof(),
    )  # fmt: skip


def receiving_report(*, paper: contexts.Paper = "a4", lines: int = 3) -> contexts.ReceivingReport:
    outcomes = ("Received", "Damaged", "Wrong item")
    rows = tuple(
        contexts.ReceivedLine(
            position=n + 1,
            expected=("Lenovo ThinkPad T480, 16 GB", "", "Docking station G2")[n % 3],
            found=("Lenovo ThinkPad T480, 16 GB", "Bunch of keys", "Docking station of another maker")[n % 3],
            name=("PF1ABCDE", "RL-7K3M-9QXA", "")[n % 3],
            announced_in=("RMA-7K3M-9QXA", "", "")[n % 3],
            outcome=outcomes[n % 3],
            as_announced=n % 3 == 0,
            quantity=1,
            grams=("1812", "", "640")[n % 3],
            missing=("charger", "", "")[n % 3],
            photos=(),
            photo_digests=((), ("ab" * 32,), ())[n % 3],
        )
        for n in range(lines)
    )
    received = sum(1 for row in rows if row.as_announced)
    return contexts.ReceivingReport(
        sheet=sheet("RR-2026-000003", paper=paper),
        number="RS-7K3M-9QXA",
        place=contexts.Party(name="Rotterdam", address_lines=("Maasboulevard 4", "3011 Rotterdam")),
        station="Dock 2",
        against="Vega GmbH",
        opened_at="2026-04-20T08:00:00+00:00",
        closed_at="2026-04-20T11:30:00+00:00",
        unpacked_by=contexts.Person(staff="7f3a9c", role="packer"),
        received=received,
        differing=len(rows) - received,
        note="Pallet 2 of 2; the foil was torn.",
        compared=(
            contexts.ComparedWith(number="RMA-7K3M-9QXA", expected=3, received=2, not_here=1, differs="1 × missing"),
        ),
        lines=rows,
        proof=proof(),
    )


def claim_letter(*, paper: contexts.Paper = "a4") -> contexts.ClaimLetter:
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
    return contexts.ClaimLetter(
        sheet=sheet("CL-2026-000004", paper=paper),
        claim="CC-7K3M-9QXA",
        carrier=contexts.Party(
            name="Delta Parcel", address_lines=("Havenweg 1", "3011 Rotterdam"), reference="DP-4401"
        ),
        sender=contexts.Party(name="Vega Recycling, Rotterdam", address_lines=("Maasboulevard 4", "3011 Rotterdam")),
        kind="damage",
        text="The corner of the box was crushed, and the screen inside is broken.",
        parcel="DPD4000",
        shipment="SH-7K3M-9QXA",
        papers="DS-2026-000007",
        since="2026-03-04T08:09:30Z",
        told_at="2026-03-04T13:00:00Z",
        told_by="2026-03-05T08:09:30Z",
        filed_by=LEAD,
        grams=3000,
        value="180.00",
        regime="hgb",
        sdr_per_kg="8.33",
        sdr_rate="1.15",
        limit="28.74",
        claimed="28.74",
        currency="EUR",
        pictures=(contexts.ClaimPicture(source=f"data:image/png;base64,{dot}", digest="ab" * 32),),
        proof=proof(),
    )
