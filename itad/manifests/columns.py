"""Which column means what: guessed from what the client calls it, in five languages, or as a person said and saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from revlog.common.errors import Reason
from revlog.common.tables import Sheet
from revlog.common.tables.columns import Head, Headings, Vocabulary, fitting, heads_of
from revlog.devices import headings

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
VOCABULARY = Vocabulary(
    headings.PHRASES | {
        "count": (
            "count", "quantity", "qty", "q ty", "pieces", "pcs", "units", "amount", "number of units", "menge", "anzahl", "stück",
            "stueck", "stk",
            "stückzahl", "stueckzahl", "quantité", "qté", "qte", "nombre", "pièces", "cantidad", "cant", "unidades", "piezas", "aantal",
            "stuks",
            "hoeveelheid", "quantita",
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
    },
    naming=NAMING,
)  # fmt: skip


def meaning(heading: str) -> tuple[str, int]:
    """The field that a heading names, and how surely: 3 exactly, 2 among other words, 0 not at all."""
    return VOCABULARY.meaning(heading)


class Columns(Headings):
    """Field -> the heading of its column, of a client's list."""

    @override
    def problems(self) -> list[Reason]:
        """Why rows can't be read by it."""
        found = self.misnamed(FIELDS)
        if not found and not self.is_enough():
            told = _(
                "Say which column is the serial, the asset tag or the IMEI; or which is the count, with maker, model or category."
            )
            found.append(Reason("no_names", told, "columns"))
        return found

    def is_enough(self) -> bool:
        named = self.headings.keys()
        return any(name in named for name in NAMING) or ("count" in named and any(name in named for name in DESCRIBING))


def head_of(sheet: Sheet, *, wanted: Iterable[Columns] = ()) -> Head | None:
    """The line that names the columns: the one that a saved mapping fits, else the one with the most names that we know."""
    possible = heads_of(sheet)
    if (known := fitting(possible, wanted)) is not None:
        return known[0]
    best, best_score = None, 0
    for head in possible:
        row = sheet.rows[head.place]
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
    return Columns(VOCABULARY.guessed(head, FIELDS))
