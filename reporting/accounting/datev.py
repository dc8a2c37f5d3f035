"""DATEV format (EXTF), category 21 "Buchungsstapel", version 13: what German tax advisers' software imports.

After DATEV's description for software makers (developer.datev.de, DATEV-Format): fields are divided by semicolons, lines end with CR LF,
text stands in quotation marks with those in it doubled, numbers have a decimal comma, the file is in Windows-1252. The first line says
whose books it is for, the second names the 125 columns. The amount is always positive; S or H is the side of ``Konto``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from reporting.accounting.chart import Chart, keyed
from reporting.accounting.journal import Line
from revlog.common.errors import Reason

MEDIA_TYPE = "text/csv; charset=windows-1252"
MOST = 99_999
"""Lines in one file."""
VERSION, CATEGORY, FORMAT = 700, 21, 13
_DOCUMENT = [f"Beleginfo - {what} {n}" for n in range(1, 9) for what in ("Art", "Inhalt")]
_MORE = [name for n in range(1, 21) for name in (f"Zusatzinformation - Art {n}", f"Zusatzinformation- Inhalt {n}")]
COLUMNS: Sequence[str] = (
    "Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz", "WKZ Basis-Umsatz", "Konto",
    "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum", "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext",
    "Postensperre", "Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt", "Zinssperre", "Beleglink", *_DOCUMENT,
    "KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge", "EU-Land u. UStID (Bestimmung)", "EU-Steuersatz (Bestimmung)",
    "Abw. Versteuerungsart", "Sachverhalt L+L", "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp", "BU 49 Hauptfunktionsnummer",
    "BU 49 Funktionsergänzung", *_MORE, "Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr",
    "Zugeordnete Fälligkeit", "Skontotyp", "Auftragsnummer", "Buchungstyp", "USt-Schlüssel (Anzahlungen)", "EU-Land (Anzahlungen)",
    "Sachverhalt L+L (Anzahlungen)", "EU-Steuersatz (Anzahlungen)", "Erlöskonto (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID",
    "KOST-Datum", "SEPA-Mandatsreferenz", "Skontosperre", "Gesellschaftername", "Beteiligtennummer", "Identifikationsnummer",
    "Zeichnernummer", "Postensperre bis", "Bezeichnung SoBil-Sachverhalt", "Kennzeichen SoBil-Buchung", "Festschreibung",
    "Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit", "Generalumkehr (GU)", "Steuersatz", "Land",
    "Abrechnungsreferenz", "BVV-Position", "EU-Land u. UStID (Ursprung)", "EU-Steuersatz (Ursprung)", "Abw. Skontokonto",
)  # fmt: skip
TEXTS = frozenset(
    {2, 3, 6, 9, 11, 12, 14, 16, *range(20, 39), 40, 42, *range(48, 88), 91, 95, 96, 98, 102, 103, 105, 107, 109, 110, 112,
     118, 120, 121, 123}
)  # fmt: skip
"""Which columns hold text, counted from one: they stand in quotation marks even when they are empty."""


def reasons_against(chart: Chart, *, since: date, until: date, lines: int) -> list[Reason]:
    """Why these days can't be one file: DATEV takes one business year, and so many lines."""
    found = []
    if chart.year_of(since) != chart.year_of(until):
        found.append(
            Reason(
                "years",
                _("A DATEV file holds one business year: end this run on the last day of the year that began on %s.")
                % chart.year_of(since).isoformat(),
                "until",
            )
        )
    if lines > MOST:
        found.append(
            Reason("too_many", _("A DATEV file holds at most %s lines: choose an earlier last day.") % MOST, "until")
        )
    return found


def write(
    lines: Sequence[Line], chart: Chart, *, number: int, since: date, until: date, currency: str, at: datetime
) -> bytes:
    """The file of a run. Lines of nothing are left out, since DATEV takes none."""
    told = [_header(chart, number=number, since=since, until=until, currency=currency, at=at), ";".join(COLUMNS)]
    told += [_line(line) for line in lines if line.amount]
    return ("\r\n".join(told) + "\r\n").encode("cp1252", errors="replace")


def _header(chart: Chart, *, number: int, since: date, until: date, currency: str, at: datetime) -> str:
    made = at.astimezone(chart.tz).strftime("%Y%m%d%H%M%S") + f"{at.microsecond // 1000:03d}"
    fields = [
        _text("EXTF"), VERSION, CATEGORY, _text("Buchungsstapel"), FORMAT, made, "", _text("RE"), _text("Revlog"), _text(""),
        chart.consultant, chart.client, f"{chart.year_of(since):%Y%m%d}", chart.digits, f"{since:%Y%m%d}", f"{until:%Y%m%d}",
        _text(f"Revlog {number}"), _text(""), 1, 0, 0, _text(currency), "", _text(""), "", "", _text(chart.name), "", "", _text(""),
        _text(""),
    ]  # fmt: skip
    return ";".join(map(str, fields))


def _line(line: Line) -> str:
    more: dict[str, str] = {"Posting": line.posting, "Entry": line.entry, "Book": line.book}
    if line.unit:
        more["Unit"] = line.unit
    if line.happened_on != line.day:
        more["Happened on"] = line.happened_on.isoformat()
    if line.original_currency != line.currency:
        more["Original"] = f"{line.original} {line.original_currency}"
    if line.tax:
        more["Tax"] = keyed(line.tax, line.tax_rate)
    konto, contra = line.pair.account, line.pair.contra
    if line.tax_key:
        # The key is a part of the Gegenkonto: so what is taxed stands there, and the side turns round with it.
        konto, contra = contra, konto
    values: dict[int, str] = {
        1: _number(abs(line.amount)),
        2: "H" if (line.amount > 0) != bool(line.tax_key) else "S",
        3: line.currency,
        7: konto,
        8: contra,
        9: line.tax_key,
        10: f"{line.day:%d%m}",
        11: f"R{line.run}-{line.number}",
        14: line.text[:60],
        114: "0",
        **_extras(more),
    }
    return ";".join(
        _text(values.get(place, "")) if place in TEXTS else values.get(place, "")
        for place in range(1, len(COLUMNS) + 1)
    )


def _extras(more: Mapping[str, str]) -> dict[int, str]:
    told = {}
    for place, (what, value) in enumerate(more.items()):
        told[48 + 2 * place], told[49 + 2 * place] = what, value[:210]
    return told


def _number(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _text(value: str) -> str:
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", value).replace('"', '""')
    return f'"{plain}"'
