"""Manifests as clients send them: CSV, and XLSX as a spreadsheet writes it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from itad.models import ManifestRun
from itad.services import manifests
from revlog.accounts.actors import system
from revlog.common import clock
from tests.cast import Cast

BY = system("test")
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATED = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
Value = str | int | float | None | tuple[str, str]
"""Text, a number, nothing; or (how it is stored, what stands there): ("formula", "B2&C2"), ("zeros", "42"), ("date", "45000")."""


def xlsx(
    sheets: Mapping[str, Sequence[Sequence[Value]]],
    *,
    hidden_rows: Sequence[int] = (),
    hidden_sheets: Sequence[str] = (),
    merged: Sequence[str] = (),
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """A workbook with these sheets. ``merged`` and ``hidden_rows`` are of the first."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        names = list(sheets)
        rows = "".join(
            f'<sheet name="{escape(name)}" sheetId="{place}" r:id="rId{place}"'
            + (' state="hidden"' if name in hidden_sheets else "")
            + "/>"
            for place, name in enumerate(names, 1)
        )
        file.writestr("xl/workbook.xml", f"{_HEAD}<workbook {_MAIN} {_RELATED}><sheets>{rows}</sheets></workbook>")
        targets = "".join(
            f'<Relationship Id="rId{place}" Type="x" Target="worksheets/sheet{place}.xml"/>'
            for place in range(1, len(names) + 1)
        )
        file.writestr("xl/_rels/workbook.xml.rels", f"{_HEAD}<Relationships>{targets}</Relationships>")
        formats = '<numFmts><numFmt numFmtId="164" formatCode="000000"/></numFmts>'
        styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs>'
        file.writestr("xl/styles.xml", f"{_HEAD}<styleSheet {_MAIN}>{formats}{styles}</styleSheet>")
        for place, name in enumerate(names, 1):
            body = "".join(
                f'<row r="{line}"' + (' hidden="1"' if place == 1 and line in hidden_rows else "") + ">"
                + "".join(_cell(value, f"{chr(65 + column)}{line}") for column, value in enumerate(row)) + "</row>"
                for line, row in enumerate(sheets[name], 1)
            )  # fmt: skip
            spans = "".join(f'<mergeCell ref="{one}"/>' for one in merged) if place == 1 else ""
            spans = f"<mergeCells>{spans}</mergeCells>" if spans else ""
            file.writestr(
                f"xl/worksheets/sheet{place}.xml",
                f"{_HEAD}<worksheet {_MAIN}><sheetData>{body}</sheetData>{spans}</worksheet>",
            )
        for name, data in (more or {}).items():
            file.writestr(name, data)
    return out.getvalue()


def _cell(value: Value, place: str) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        how, told = value
        if how == "formula":
            return f'<c r="{place}"><f>{escape(told)}</f></c>'
        if how == "reckoned":
            formula, _mark, result = told.partition("=")
            return f'<c r="{place}" t="str"><f>{escape(formula)}</f><v>{escape(result)}</v></c>'
        if how == "number":
            return f'<c r="{place}"><v>{told}</v></c>'
        return f'<c r="{place}" s="{ {"zeros": 1, "date": 2}[how] }"><v>{told}</v></c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'


def taken(cast: Cast, data: bytes | str, *, name: str = "list.csv", **more: object) -> ManifestRun:
    """The file taken in for Vega, whole."""
    bytes_ = data.encode() if isinstance(data, str) else data
    at = clock.now()
    run = manifests.begin(data=bytes_, name=name, client=cast.vega, hub=cast.rotterdam, by=BY, at=at, **more)  # type: ignore[arg-type]
    return manifests.carry_on(run, data=bytes_, by=BY, at=at)
