"""Who made a drive, by how its model begins or by its family's name. Only what is sure: an unknown model has no maker."""

from __future__ import annotations

import re

# What a model, a vendor field or a family of smartmontools' database begins with, and the maker's name. Longer ones first.
_NAMES: tuple[tuple[str, str], ...] = (
    ("Western Digital", "Western Digital"),
    ("WDC", "Western Digital"),
    ("WD Red", "Western Digital"),
    ("WD Blue", "Western Digital"),
    ("WD Green", "Western Digital"),
    ("WD Black", "Western Digital"),
    ("WD_BLACK", "Western Digital"),
    ("WD ", "Western Digital"),
    ("HGST", "HGST"),
    ("Hitachi/HGST", "HGST"),
    ("HITACHI", "Hitachi"),
    ("SAMSUNG", "Samsung"),
    ("Seagate", "Seagate"),
    ("Maxtor", "Maxtor"),
    ("TOSHIBA", "Toshiba"),
    ("KIOXIA", "Kioxia"),
    ("FUJITSU", "Fujitsu"),
    ("Quantum", "Quantum"),
    ("IBM", "IBM"),
    ("INTEL", "Intel"),
    ("Solidigm", "Solidigm"),
    ("Micron", "Micron"),
    ("Crucial", "Crucial"),
    ("Kingston", "Kingston"),
    ("SanDisk", "SanDisk"),
    ("Transcend", "Transcend"),
    ("ADATA", "ADATA"),
    ("XPG", "ADATA"),
    ("Corsair", "Corsair"),
    ("Force MP", "Corsair"),
    ("OCZ", "OCZ"),
    ("PLEXTOR", "Plextor"),
    ("LITEON", "Lite-On"),
    ("LITE-ON", "Lite-On"),
    ("SK hynix", "SK hynix"),
    ("SKHynix", "SK hynix"),
    ("HFS", "SK hynix"),
    ("HFM", "SK hynix"),
    ("PNY", "PNY"),
    ("Patriot", "Patriot"),
    ("Apacer", "Apacer"),
    ("GIGABYTE", "Gigabyte"),
    ("Lexar", "Lexar"),
    ("Netac", "Netac"),
    ("Phison", "Phison"),
    ("Sabrent", "Sabrent"),
    ("TEAM", "Team Group"),
    ("Teclast", "Teclast"),
    ("Verbatim", "Verbatim"),
    ("SPCC", "Silicon Power"),
    ("APPLE", "Apple"),
    ("IBM-ESXS", "IBM"),
    ("TWSC", "TWSC"),
    ("HPE", "HPE"),
    ("HP ", "HP"),
    ("LENOVO", "Lenovo"),
    ("Dell", "Dell"),
)
# Model numbers that carry no name, by the form only their maker uses.
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(form), maker)
    for form, maker in (
        (r"ST\d{2,6}[A-Z]{1,3}\d", "Seagate"),
        (r"ST\d{5,}[A-Z]{1,3}$", "Seagate"),
        (r"X[AFKPS]\d{3,5}[A-Z]{2}\d{5}", "Seagate"),
        (r"WD\d{2,4}[A-Z]{3,4}", "Western Digital"),
        (r"WDS\d{3}[GT]\d", "Western Digital"),
        (r"WU[HS]\d{6}", "Western Digital"),
        (r"H[UD][AHSC][A-Z]?\d{4,6}[A-Z]{2}", "HGST"),
        (r"HD[STPE]\d{6}[A-Z]{3}", "Hitachi"),
        (r"HT[SCE]\d{6}[A-Z]", "Hitachi"),
        (r"MZ[A-Z0-9]{1,3}[A-Z0-9]\d?[A-Z0-9]{6,}", "Samsung"),
        (r"HD\d{3}[A-Z]{2}$", "Samsung"),
        (r"M[GKQ]\d{2}[A-Z]{3}\d", "Toshiba"),
        (r"DT\d{2}AC[A-Z]\d", "Toshiba"),
        (r"HDW[A-Z]\d{3}", "Toshiba"),
        (r"[KT]XG\d{2}Z", "Toshiba"),
        (r"K(?:CD|CM|PM|XD|XG|BG)\d", "Kioxia"),
        (r"SSD(?:SC|PE|PF|SA)[A-Z0-9]{4}", "Intel"),
        (r"MTFD[A-Z]{2,4}\d", "Micron"),
        (r"CT\d{3,5}[A-Z]{1,2}\d*[A-Z]*SSD\d", "Crucial"),
        (r"CT\d{3,5}T\d{3}SSD", "Crucial"),
        (r"S[AEK]\d{3,4}[A-Z]?\d{0,2}[A-Z]?/?\d{2,4}G", "Kingston"),
        (r"TS\d{2,4}GM?[A-Z]{2,4}\d", "Transcend"),
        (r"TS\d{1,3}TM?[A-Z]{2,4}\d", "Transcend"),
        (r"MB\d{4}[A-Z]{5}", "HP"),
        (r"VK\d{4}[A-Z]{5}", "HP"),
        (r"M[AHP][A-Z]\d{4}[A-Z]{2}", "Fujitsu"),
    )
)
# Makers of which parts for other brands name them in the middle or at the end: "PC SN520 NVMe WDC 256GB".
_INSIDE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?:^|[ _]){word}(?:$|[ _])", re.IGNORECASE), maker)
    for word, maker in (
        ("WDC", "Western Digital"),
        ("TOSHIBA", "Toshiba"),
        ("KIOXIA", "Kioxia"),
        ("SAMSUNG", "Samsung"),
        ("SK hynix", "SK hynix"),
        ("HYNIX", "SK hynix"),
        ("INTEL", "Intel"),
        ("MICRON", "Micron"),
    )
)
# Vendor fields that name the bus, the bridge or the array, not the maker of the drive.
NO_MAKERS = frozenset(
    {"ata", "sata", "scsi", "nvme", "usb", "generic", "generic-", "virt", "vmware", "qemu", "msft", "linux"}
)


def maker_of(*named: str | None) -> str | None:
    """The maker, from the first of the texts (a vendor field, a model, a family) that shows one."""
    for text in named:
        plain = " ".join(text.split()) if text else ""
        if not plain or plain.casefold() in NO_MAKERS:
            continue
        folded = plain.casefold()
        for start, maker in _NAMES:
            if folded.startswith(start.casefold()) and not folded[len(start) : len(start) + 1].isalpha():
                return maker
        for form, maker in _FORMS:
            if form.match(plain):
                return maker
        for name, maker in _INSIDE:
            if name.search(plain):
                return maker
    return None
