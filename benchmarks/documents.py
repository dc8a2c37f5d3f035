"""S11: a certificate rendered, with its ledger attached, signed, stored and said on the chain, against bare WeasyPrint of the same page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from benchmarks import moves as making
from benchmarks.harness import Result, compare
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.evidence.pdf import contexts, render
from revlog.evidence.services import documents
from tests.evidence import pdf_samples


def certificate(count: int = 8, rounds: int = 3) -> list[Result]:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    record = pdf_samples.of_sanitization()
    fonts = FontConfiguration()
    sheet = CSS(filename=str(Path(settings.ROOT) / "static" / "documents" / "document.css"), font_config=fonts)
    page = render.render_html(template=record.TEMPLATE, context=contexts.context_of(record), language="en")
    causes = iter(
        [Entry.objects.filter(chain_id=unit).latest("sequence") for unit in making.units(count * (rounds + 1))]
    )

    def ours() -> int:
        for _ in range(count):
            cause = next(causes)
            unit = Device.objects.get(pk=cause.chain_id)
            documents.issue(
                kind="certificate_of_sanitization", cause=cause, by=making.BY, at=datetime.now(UTC), owner=unit.owner_id, hub=unit.hub_id,
                record=lambda its_sheet, proof: replace(record, sheet=its_sheet, proof=proof),
            )  # fmt: skip
        return count

    def reference() -> int:
        for _ in range(count):
            HTML(string=page, base_url=str(settings.ROOT)).write_pdf(stylesheets=[sheet], font_config=fonts)
        return count

    note = "one process; numbered, signed with ECDSA P-256, stored, entry written"
    return [compare("S11 certificate", ours, reference, goal=">= 0.75", rounds=rounds, note=note)]
