"""Which column means what: guessed from what the client calls it, in five languages, or as a person said and saved."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.common.errors import Reason
from revlog.common.tables import Row, Sheet

FIELDS: Mapping[str, Promise] = {
    "serial": gettext_lazy("Serial"),
    "asset_tag": gettext_lazy("Asset tag"),
    "imei": gettext_lazy("IMEI"),
    "count": gettext_lazy("Count"),
    "manufacturer": gettext_lazy("Manufacturer"),
    "model": gettext_lazy("Model"),
    "category": gettext_lazy("Category"),
}
NAMING = ("serial", "asset_tag", "imei")
DESCRIBING = ("manufacturer", "model", "category")
LOOKED_AT = 60
"""Rows in which the line that names the columns is looked for."""
_NUMBER = {"number", "numero", "num", "nummer", "nr", "no", "n", "nbr", "nummern", "numbers", "numer", "№"}
_SMALL = {
    "de",
    "du",
    "d",
    "des",
    "del",
    "la",
    "le",
    "el",
    "los",
    "les",
    "der",
    "die",
    "das",
    "van",
    "het",
    "the",
    "of",
    "l",
    "en",
    "a",
    "its",
}
_PHRASES: Mapping[str, Sequence[str]] = {
    "serial": (
        "serial", "serial number", "serial no", "serials", "serialnumber", "serialno", "sn", "s/n", "ser no", "service tag", "servicetag",
        "seriennummer", "serien nr", "seriennr", "seriennummern", "serien nummer", "serie nr", "geraetenummer", "gerätenummer",
        "fabriknummer", "fabrik nr", "ser nr", "numéro de série", "n° de série", "no série", "numero serie", "n série", "série",
        "número de serie", "nº de serie", "nro de serie", "nro serie", "serie", "num serie", "serienummer", "serie nummer", "serienr",
        "numero di serie", "matricola", "chassis serial", "system serial", "hersteller seriennummer", "manufacturer serial",
        "produktseriennummer", "device serial", "unit serial", "hardware serial", "sernr",
    ),
    "asset_tag": (
        "asset tag", "assettag", "asset", "asset number", "asset no", "asset id", "assetid", "asset #", "asset_tag", "tag", "tag number",
        "company tag", "property tag", "barcode", "inventory number", "inventory no", "inventory", "inventory id", "inventory tag",
        "client tag",
        "fixed asset", "fa number", "inventarnummer", "inventar nr", "inventarnr", "inventar", "inventar nummer", "anlagennummer",
        "anlagen nr",
        "anlagennr", "anlagegut", "inventaris", "inventarisnummer", "inventaris nummer", "activanummer", "asset nummer", "assetnummer",
        "numéro d'inventaire", "n° d'inventaire", "no inventaire", "inventaire", "étiquette", "numéro d'immobilisation", "immobilisation",
        "code inventaire", "code barre", "code barres", "numéro d'actif", "número de inventario", "nº inventario", "inventario",
        "etiqueta",
        "código de inventario", "número de activo", "activo", "activo fijo", "barcode nr", "etikett", "label",
    ),
    "imei": ("imei", "imei1", "imei 1", "imei number", "imei no", "imei/meid", "imei nummer", "numéro imei", "número imei", "imei nr"),
    "count": (
        "count", "quantity", "qty", "q ty", "pieces", "pcs", "units", "amount", "number of units", "menge", "anzahl", "stück",
        "stueck", "stk",
        "stückzahl", "stueckzahl", "quantité", "qté", "qte", "nombre", "pièces", "cantidad", "cant", "unidades", "piezas", "aantal",
        "stuks",
        "hoeveelheid", "quantita",
    ),
    "manufacturer": (
        "manufacturer", "maker", "brand", "vendor", "make", "oem", "mfr", "mfg", "hersteller", "marke", "fabrikat", "produzent",
        "fabricant",
        "marque", "constructeur", "fabricante", "marca", "fabrikant", "merk", "producent", "manufacturer name", "brand name",
    ),
    "model": (
        "model", "model name", "model number", "product", "product name", "description", "modell", "modellbezeichnung", "modellname",
        "bezeichnung",
        "produkt", "produktname", "gerätebezeichnung", "modèle", "désignation", "designation", "produit", "description produit", "modelo",
        "descripción", "producto", "omschrijving", "modelnaam", "productnaam", "artikelbezeichnung", "beschreibung", "modelo equipo",
        "model description", "item", "item description", "part description",
    ),
    "category": (
        "category", "class", "type", "kind", "device class", "device type", "device_class", "asset type", "product type",
        "equipment type",
        "equipment", "asset category", "kategorie", "geräteart", "geraeteart", "gerätetyp", "geraetetyp", "typ", "art", "klasse",
        "warengruppe",
        "catégorie", "type d'appareil", "type de matériel", "type matériel", "matériel", "appareil", "categoría", "tipo",
        "tipo de equipo",
        "tipo de dispositivo", "clase", "categorie", "soort", "apparaattype", "type apparaat", "toesteltype", "product category",
    ),
}  # fmt: skip


def normal(text: str) -> str:
    """A heading as it is compared: no accents, no case, no signs; whatever stands for *number* is one word."""
    bare = re.sub(r"n\s*[°º]|№|#", " no ", text, flags=re.IGNORECASE)
    bare = re.sub(r"([a-z])([A-Z])", r"\1 \2", bare) if not bare.isupper() and " " not in bare.strip() else bare
    bare = bare.replace("ß", "ss")
    bare = "".join(one for one in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(one)).lower()
    words = re.findall(r"[a-z0-9]+", bare)
    return " ".join("no" if word in _NUMBER else word for word in words if word not in _SMALL)


@lru_cache(maxsize=1)
def _known() -> dict[frozenset[str], str]:
    found: dict[frozenset[str], str] = {}
    for name, phrases in _PHRASES.items():
        for phrase in phrases:
            for form in (phrase, phrase.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")):
                found.setdefault(frozenset(normal(form).split()), name)
    return found


@lru_cache(maxsize=4_000)
def meaning(heading: str) -> tuple[str, int]:
    """The field that a heading names, and how surely: 3 exactly, 2 among other words, 0 not at all."""
    words = frozenset(normal(heading).split())
    if not words or len(heading) > 80:
        return "", 0
    known = _known()
    if words in known:
        return known[words], 3
    best = ("", 0)
    for phrase, name in known.items():
        # "no" alone, or a word that means many things, says nothing in company.
        numbered = "no" in words - phrase and name not in NAMING
        if (
            phrase < words
            and phrase - {"no"}
            and not numbered
            and len(words) - len(phrase) <= 3
            and len(phrase) > best[1]
        ):
            best = (name, len(phrase))
    return (best[0], 2) if best[0] else ("", 0)


@dataclass(frozen=True)
class Head:
    """The line that names the columns: where it stands, and each column's name, made unique."""

    line: int
    place: int
    names: tuple[str, ...]

    def at(self, name: str) -> int | None:
        """The column of that name, as it is written or nearly so."""
        if name in self.names:
            return self.names.index(name)
        wanted = normal(name)
        fitting = [place for place, one in enumerate(self.names) if wanted and normal(one) == wanted]
        return fitting[0] if len(fitting) == 1 else None


@dataclass(frozen=True)
class Columns:
    """Field -> the heading of its column."""

    headings: Mapping[str, str] = field(default_factory=dict)

    def problems(self) -> list[Reason]:
        """Why rows can't be read by it."""
        found = [
            Reason(
                "unknown_field",
                _("There is no field “%(field)s”; there are %(known)s.") % {"field": name, "known": ", ".join(FIELDS)},
                "columns",
            )
            for name in self.headings
            if name not in FIELDS
        ]
        twice = {heading for heading in self.headings.values() if list(self.headings.values()).count(heading) > 1}
        found += [
            Reason("twice", _("The column “%s” is chosen twice.") % heading, "columns") for heading in sorted(twice)
        ]
        if not found and not self.is_enough():
            told = _(
                "Say which column is the serial, the asset tag or the IMEI; or which is the count, with maker, model or category."
            )
            found.append(Reason("no_names", told, "columns"))
        return found

    def is_enough(self) -> bool:
        named = self.headings.keys()
        return any(name in named for name in NAMING) or ("count" in named and any(name in named for name in DESCRIBING))

    def fits(self, head: Head) -> bool:
        """Whether all columns that it names are in the file."""
        return all(head.at(heading) is not None for heading in self.headings.values())

    def places(self, head: Head) -> dict[str, int]:
        found = {name: head.at(heading) for name, heading in self.headings.items()}
        return {name: place for name, place in found.items() if place is not None}


def names_of(row: Row, width: int) -> tuple[str, ...]:
    """What the columns are called; one without a name by its letter, the second of one name with its number."""
    found: dict[str, None] = {}
    times: Counter[str] = Counter()
    for place in range(width):
        text = " ".join(row.cells[place].text.split())[:80] if place < len(row.cells) else ""
        text = text or _("Column %s") % letter(place)
        times[text] += 1
        name = text if times[text] == 1 else f"{text} ({times[text]})"
        while name in found:
            times[text] += 1
            name = f"{text} ({times[text]})"
        found[name] = None
    return tuple(found)


def letter(place: int) -> str:
    """A, B, ... Z, AA: as a spreadsheet calls its columns."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found


def head_of(sheet: Sheet, *, wanted: Iterable[Columns] = ()) -> Head | None:
    """The line that names the columns: the one that a saved mapping fits, else the one with the most names that we know."""
    width = sheet.width()
    rows = sheet.rows[:LOOKED_AT]
    heads = [Head(row.line, place, names_of(row, width)) for place, row in enumerate(rows) if not row.broken]
    for columns in wanted:
        for head in heads:
            if columns.headings and columns.fits(head):
                return head
    best, best_score = None, 0
    for head, row in zip(heads, (row for row in rows if not row.broken), strict=True):
        told = [meaning(cell.text) for cell in row.cells]
        named = {name: max(sure for one, sure in told if one == name) for name, _sure in told if name}
        columns = Columns(dict.fromkeys(named, "x"))
        if not columns.is_enough():
            continue
        # A heading is a heading; a row of values that happens to hold "laptop serial" is told by how few it knows.
        score = sum(named.values()) * 10 - sum(any(one.isdigit() for one in cell.text) for cell in row.cells)
        if score > best_score:
            best, best_score = head, score
    return best


def guessed(head: Head) -> Columns:
    """What the headings say by themselves: for each field the surest, of equals the first."""
    found: dict[str, tuple[int, int]] = {}
    for place, heading in enumerate(head.names):
        name, sure = meaning(re.sub(r" \(\d+\)$", "", heading))
        if name and sure > found.get(name, (0, 0))[0]:
            found[name] = (sure, place)
    return Columns({name: head.names[found[name][1]] for name in FIELDS if name in found})
