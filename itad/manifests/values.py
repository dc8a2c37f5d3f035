"""What stands in a cell: a value, nothing, or something that a spreadsheet made of a value and that can't be undone."""

from __future__ import annotations

import re
from functools import lru_cache

from revlog.common.tables.cells import bare_number, is_nothing, may_name, plain, spoiled, text_of
from revlog.common.tables.columns import normal
from revlog.devices import classes, identifiers

__all__ = ["bare_number", "is_nothing", "is_total", "may_name", "plain", "spoiled", "text_of"]

_TOTAL = re.compile(
    r"^\W*(grand |sub|gesamt|zwischen|sous[- ]?|sub ?|sum of |nombre |total )?"
    r"(totals?|totaux|totaal|totale|summe|gesamt|gesamtsumme|gesamtanzahl|somme|suma|anzahl "
    r"gesamt|gesamtzahl|sum|eindtotaal|count of rows|total general)"
    r"\b\W*[\w ]{0,30}?\W*[\d.,' ]*\W*$",
    re.IGNORECASE,
)


def is_total(text: str) -> bool:
    return len(text) <= 60 and _TOTAL.match(text) is not None


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
