"""S11: a certificate rendered, with its attachment, and signed, against bare WeasyPrint of the same page with fonts and CSS reused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from benchmarks.harness import Result, compare
from revlog.evidence.pdf import contexts, render, sign
from tests.evidence import pdf_samples


def certificate(count: int = 6) -> list[Result]:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    at = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    record = pdf_samples.of_sanitization()
    context = contexts.context_of(record)
    signer = sign.load_signer(keys=Path(settings.VAR) / "keys", issuer="Revlog", environment={}, at=at)
    export = json.dumps({"entries": ["x" * 400] * 20}).encode()
    fonts = FontConfiguration()
    sheet = CSS(filename=str(Path(settings.ROOT) / "static" / "documents" / "document.css"), font_config=fonts)
    page = render.render_html(template=record.TEMPLATE, context=context, language="en")

    def ours() -> int:
        for number in range(count):
            pdf = render.render(
                template=record.TEMPLATE, context=context, attachments=[render.AttachedFile("ledger.json", export)],
                title="Certificate", language="en", created_at=at, identifier=f"bench-{number}",
            )  # fmt: skip
            sign.sign(pdf, signer=signer, reason="bench", location="Rotterdam", at=at)
        return count

    def reference() -> int:
        for _ in range(count):
            HTML(string=page, base_url=str(settings.ROOT)).write_pdf(stylesheets=[sheet], font_config=fonts)
        return count

    return [
        compare(
            "S11 certificate", ours, reference, goal=">= 0.75", rounds=3, note="one process; signed with ECDSA P-256"
        )
    ]
