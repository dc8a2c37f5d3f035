"""What stands in a cell: a value, nothing, or something that a spreadsheet made of a value and that can't be undone."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from itad.manifests.columns import normal
from revlog.common.tables import Cell, Kind
from revlog.devices import classes, identifiers

_NOTHING = {
    "", "na", "n a", "no a", "none", "null", "nil", "unknown", "unbekannt", "inconnu", "inconnue", "desconocido", "onbekend",
    "sconosciuto",
    "keine", "kein", "keiner", "keine angabe", "k a", "ohne", "sans", "aucun", "aucune", "neant", "geen", "niet beschikbaar", "sin",
    "sin serie",
    "ninguno", "nv", "no", "non", "nein", "nee", "tbd", "tba", "missing", "fehlt", "manquant", "falta", "not available",
    "not applicable", "nicht vorhanden", "nicht verfugbar",
    "non disponible", "no disponible", "no aplica", "nvt", "n v t", "undefined", "empty", "leer", "vide", "vacio", "leeg", "blank",
    "nicht lesbar",
    "unreadable", "illisible", "ilegible", "onleesbaar", "not readable", "s n", "sn", "kein etikett", "no tag", "no serial", "no label",
    "not found", "tbc", "xxx", "x", "entfallt", "sans objet", "nan",
}  # fmt: skip
_TOTAL = re.compile(
    r"^\W*(grand |sub|gesamt|zwischen|sous[- ]?|sub ?|sum of |nombre |total )?"
    r"(totals?|totaux|totaal|totale|summe|gesamt|gesamtsumme|gesamtanzahl|somme|suma|anzahl "
    r"gesamt|gesamtzahl|sum|eindtotaal|count of rows|total general)"
    r"\b\W*[\w ]{0,30}?\W*[\d.,' ]*\W*$",
    re.IGNORECASE,
)
_SCIENTIFIC = re.compile(r"^[+-]?\d+([.,]\d+)?[eE]\+\d+$|^[+-]?\d+[.,]\d+[eE]-?\d+$")
_WHOLE_WITH_POINT = re.compile(r"^(\d+)[.,]0+$")
_DAY = re.compile(
    r"^(\d{1,2}[./]\d{1,2}[./](19|20)\d{2}|(19|20)\d{2}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?"
    r"|\d{1,2}[-. ](MONTH)[a-z]*\.?([-. ]\d{2,4})?|(MONTH)[a-z]*\.?[-. ]\d{2,4})$".replace(
        "MONTH", "[Jj]an|[Ff]eb|[Mm][aä]r|[Aa]pr|[Mm]a[iy]|[Jj]u[nl]|[Aa]ug|[Ss]ep|[Oo][ck]t|[Nn]ov|[Dd]e[cz]"
    )
)
"""As a spreadsheet shows a day that it made of something; all in capitals it is somebody's own number."""
_NAME = re.compile(r"^[\w./\\\-+#*:()&, ]{1,60}$")
MOST_DIGITS = 15
"""A spreadsheet keeps fifteen digits of a number; of a longer one the last are made up."""


def text_of(cell: Cell) -> str:
    """The text of a cell on one line, without what can't be printed."""
    bare = "".join(one if one.isprintable() else " " for one in cell.text)
    return " ".join(bare.split())


def is_nothing(text: str) -> bool:
    """ "N/A", "-", "unbekannt": where a value should stand somebody said that there is none."""
    if not re.search(r"[^\W_]", text):
        return True
    return " ".join(re.findall(r"[a-z0-9]+", plain(text))) in _NOTHING


def is_total(text: str) -> bool:
    return len(text) <= 60 and _TOTAL.match(text) is not None


def spoiled(cell: Cell) -> str:
    """Why what stands here can't be a number of a thing, though something does: the code of the refusal, empty when it can."""
    text = text_of(cell)
    if cell.kind == Kind.FORMULA:
        return "formula"
    if cell.kind == Kind.ERROR:
        return "" if is_nothing(text) else "error"
    if cell.kind == Kind.DATE:
        return "date"
    if cell.kind == Kind.BOOL:
        return "no_name"
    if _SCIENTIFIC.match(text):
        return "scientific"
    if cell.kind == Kind.NUMBER:
        digits = text.lstrip("-")
        if not digits.isdigit() or text.startswith("-"):
            return "fraction"
        return "rounded" if len(digits.lstrip("0")) > MOST_DIGITS else ""
    if _DAY.match(text):
        return "date"
    return ""


def bare_number(text: str) -> str | None:
    """The digits of a whole number that was written with a point and zeros ("12345.0"), else None."""
    told = _WHOLE_WITH_POINT.match(text)
    return told.group(1) if told is not None and len(told.group(1)) <= MOST_DIGITS else None


def may_name(text: str) -> bool:
    """Whether it can be the number of a thing at all: a line of prose isn't."""
    if not _NAME.match(text) or ": " in f"{text} " or text.count(" ") > 2 or text.startswith(("=", "+", "@")):
        return False
    return any(one.isdigit() for one in text) or (" " not in text and text.upper() == text and len(text) >= 5)


# Categories -----------------------------------------------------------------------------------------------------------------------------

_CATEGORIES = {
    "laptop": "laptop laptops notebook notebooks portable portables portatil portatiles ultrabook chromebook macbook ordinateur portable "
    "ordinador portatil mobile workstation netbook",
    "desktop": "desktop desktops pc pcs computer computers tower workstation workstations arbeitsplatzrechner rechner ordinateur "
    "ordinateurs "
    "ordenador ordenadores unite centrale minipc sff thinclient client allinone aio nuc imac",
    "server": "server servers serveur serveurs servidor servidores blade rackserver",
    "phone": "phone phones smartphone smartphones mobile mobiles cellphone handy handys telefon mobiltelefon telephone telephones "
    "telefono "
    "telefonos movil moviles celular telefoon telefoons gsm iphone",
    "tablet": "tablet tablets tablette tablettes tableta tabletas ipad",
    "storage": "storage hdd hdds ssd ssds drive drives harddisk harddrive disk disque disques festplatte festplatten disco discos schijf "
    "schijven nvme tape tapes",
    "monitor": "monitor monitors monitore display displays screen screens bildschirm bildschirme ecran ecrans moniteur moniteurs "
    "pantalla "
    "pantallas scherm schermen beeldscherm tft lcd",
    "printer": "printer printers drucker imprimante imprimantes impresora impresoras copier mfp kopierer multifunktionsgerat "
    "scanner plotter",
    "network": "network switch switches router routers firewall netzwerk accesspoint ap reseau red netwerk modem wlan",
    "medical": "medical medizinisch medizingerat medico medische",
    "appliance": "appliance appliances haushaltsgerat electrodomestico",
    "part": "part parts component ersatzteil ersatzteile ram memory module piece pieza onderdeel gpu cpu psu",
    "accessory": "accessory accessories zubehor accessoire accessoires accesorio accesorios accessoires toebehoren dock docking "
    "dockingstation "
    "keyboard keyboards tastatur clavier teclado toetsenbord mouse mice maus souris raton muis cable cables kabel charger "
    "chargers ladegerat "
    "netzteil chargeur cargador oplader adapter adapters headset headsets webcam webcams",
}  # fmt: skip
_WORDS = {word: code for code, words in _CATEGORIES.items() for word in words.split()}
_PAIRS = {
    "ordinateur portable": "laptop",
    "ordenador portatil": "laptop",
    "pc portable": "laptop",
    "pc portatil": "laptop",
    "mobile phone": "phone",
    "telephone portable": "phone",
    "telephone mobile": "phone",
    "telefono movil": "phone",
    "mobile workstation": "laptop",
    "hard drive": "storage",
    "hard disk": "storage",
    "hard disk drive": "storage",
    "disque dur": "storage",
    "disco duro": "storage",
    "harde schijf": "storage",
    "docking station": "accessory",
    "access point": "network",
    "thin client": "desktop",
    "all in one": "desktop",
    "unite centrale": "desktop",
    "mobile device": "phone",
    "power supply": "accessory",
    "disk drive": "storage",
    "computer monitor": "monitor",
    "pc monitor": "monitor",
    "desktop pc": "desktop",
    "laptop computer": "laptop",
    "notebook pc": "laptop",
    "tablet pc": "tablet",
}


@lru_cache(maxsize=4_000)
def class_of(text: str) -> str | None:
    """The class that a client's word means; None for one that we don't know."""
    told = normal(text)
    if told.replace(" ", "_") in classes.CLASSES:
        return told.replace(" ", "_")
    if told in _PAIRS:
        return _PAIRS[told]
    for pair, code in _PAIRS.items():
        if f" {pair} " in f" {told} ":
            return code
    found = [_WORDS[word] for word in told.split() if word in _WORDS]
    if not found:
        return _WORDS.get(told.replace(" ", ""))
    return found[0] if len(set(found)) == 1 else ("laptop" if "laptop" in found else found[0])


def is_imei(text: str, device_class: str) -> bool:
    """Whether what stands as the serial is an IMEI. Of things without a radio fifteen digits may be a serial all the same."""
    return device_class in {"phone", "tablet", "other"} and identifiers.imei(text) is not None


def plain(text: str) -> str:
    """Without accents, for comparing words."""
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)).lower()
