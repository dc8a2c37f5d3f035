"""Makers of screens by the three letters that UEFI's registry of PNP ids gives them. A maker that isn't here is its letters."""

from __future__ import annotations

NAMES: dict[str, str] = {
    "AAC": "AcerView", "ACI": "ASUS", "ACR": "Acer", "ACT": "Targa", "ADI": "ADI", "AIC": "AG Neovo", "ALP": "Alps", "AMT": "AMT",
    "AOC": "AOC", "API": "Acer", "APP": "Apple", "ASU": "ASUS", "AUO": "AU Optronics", "AUS": "ASUS", "BMM": "BMM", "BNQ": "BenQ",
    "BOE": "BOE", "CMI": "InnoLux", "CMN": "Chimei Innolux", "CMO": "Chi Mei Optoelectronics", "CPL": "Compal", "CPQ": "Compaq",
    "CPT": "Chunghwa Picture Tubes", "CSO": "CSOT", "CTX": "CTX", "DEC": "Digital Equipment", "DEL": "Dell", "DON": "Denon",
    "DPC": "Delta Electronics", "DWE": "Daewoo", "ECS": "ELITEGROUP", "EIZ": "Eizo", "ELO": "Elo TouchSystems", "ENC": "Eizo",
    "EPI": "Envision", "FCM": "Funai", "FUJ": "Fujitsu", "FUS": "Fujitsu Siemens", "GBT": "Gigabyte", "GIG": "Hitachi",
    "GSM": "LG", "GWY": "Gateway", "HEC": "Hisense", "HEI": "Hyundai", "HIQ": "Hyundai ImageQuest", "HIT": "Hitachi", "HKC": "HKC",
    "HPN": "HP", "HRE": "Haier", "HSD": "HannStar", "HSL": "Hansol", "HSP": "HannStar", "HTC": "Hitachi", "HWP": "HP", "HWV": "Huawei",
    "HYO": "HYC", "HYT": "Hyundai", "IBM": "IBM", "ICL": "Fujitsu ICL", "INL": "InnoLux", "INX": "InnoLux", "IQT": "Hyundai ImageQuest",
    "IVM": "Iiyama", "IVO": "InfoVision", "JDI": "Japan Display", "JVC": "JVC", "KDS": "KDS", "KFC": "KFC", "KOA": "Konka",
    "LCD": "Toshiba Matsushita Display", "LEN": "Lenovo", "LGD": "LG Display", "LGP": "LG Philips", "LKM": "ADLAS", "LNK": "LINK",
    "LPL": "LG Philips", "LTN": "Lite-On", "MAG": "MAG InnoVision", "MAX": "Maxdata", "MED": "Medion", "MEI": "Panasonic",
    "MEL": "Mitsubishi", "MIR": "Miro", "MJI": "Marantz", "MSI": "MSI", "MST": "MS Telematica", "NAN": "Nanao", "NEC": "NEC",
    "NOK": "Nokia", "NVD": "NVIDIA", "ONK": "Onkyo", "OQI": "Optiquest", "PBN": "Packard Bell", "PCK": "Daewoo", "PDC": "Polaroid",
    "PGS": "Princeton", "PHL": "Philips", "PIO": "Pioneer", "PNR": "Planar", "PRT": "Princeton", "PTS": "ProView", "QDS": "Quanta Display",
    "QWA": "Quanta", "REL": "Relisys", "SAM": "Samsung", "SAN": "Sanyo", "SDC": "Samsung Display", "SEC": "Samsung", "SGD": "Sigma Designs",
    "SGI": "Silicon Graphics", "SHP": "Sharp", "SMC": "Samtron", "SMI": "Smile", "SNY": "Sony", "SPT": "Sceptre", "SRC": "Shamrock",
    "STN": "Samtron", "STP": "Sceptre", "SUN": "Sun Microsystems", "TAT": "Tatung", "TCL": "TCL", "TMX": "Tianma", "TOS": "Toshiba",
    "TRL": "Royal Information", "TSB": "Toshiba", "TPV": "Top Victory", "UNM": "Unisys", "VES": "Vestel", "VIZ": "Vizio",
    "VSC": "ViewSonic", "WAC": "Wacom", "WTC": "Wen Technology", "XMI": "Xiaomi", "YMH": "Yamaha", "ZCM": "Zenith",
}  # fmt: skip


def name_of(letters: str) -> str:
    """The maker's name, or the letters themselves where the table has none."""
    return NAMES.get(letters, letters)
