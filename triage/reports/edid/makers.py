"""Makers of screens by the three letters in their EDIDs: as the makers use them, which is not always what the registry of PNP ids says
(AIC, MAX, SEC and MED are registered by others). A maker that isn't here is its letters."""

from __future__ import annotations

NAMES: dict[str, str] = {
    "AAC": "AcerView", "ACI": "ASUS", "ACR": "Acer", "ACT": "Targa", "ADI": "ADI", "AHC": "Advantech", "AIC": "AG Neovo", "AIW": "Aiwa",
    "ALP": "Alps", "AMR": "AmTRAN", "AMT": "AMT", "AOC": "AOC", "API": "Acer", "APP": "Apple", "AST": "AST", "ASU": "ASUS",
    "AUO": "AU Optronics", "AUS": "ASUS", "BCD": "Barco", "BEK": "Beko", "BEO": "Bang & Olufsen", "BGB": "Barco",
    "BNO": "Bang & Olufsen", "BNQ": "BenQ", "BOE": "BOE", "BPS": "Barco", "BUL": "Bull", "CAI": "Canon", "CDG": "Christie",
    "CGA": "Chunghwa Picture Tubes", "CHD": "Changhong", "CHG": "Changhong", "CHT": "Chunghwa Picture Tubes", "CLV": "Clevo",
    "CMI": "InnoLux", "CMN": "Chimei Innolux", "CMO": "Chi Mei Optoelectronics", "CNN": "Canon", "CPL": "Compal", "CPQ": "Compaq",
    "CPT": "Chunghwa Picture Tubes", "CRM": "Corsair", "CSO": "CSOT", "CSW": "CSOT", "CTX": "CTX", "DDS": "Barco",
    "DEC": "Digital Equipment", "DEL": "Dell", "DLL": "Dell", "DON": "Denon", "DPC": "Delta Electronics", "DWE": "Daewoo",
    "ECS": "ELITEGROUP", "EGD": "Eizo", "EIZ": "Eizo", "ELD": "Express Luck", "ELO": "Elo TouchSystems", "ELX": "Elonex", "ENC": "Eizo",
    "EPI": "Envision", "ERS": "Eizo", "ETG": "Eizo", "FCM": "Funai", "FDT": "Fujitsu Display Technologies", "FGL": "Fujitsu General",
    "FNI": "Funai", "FUJ": "Fujitsu", "FUS": "Fujitsu Siemens", "GBT": "Gigabyte", "GEC": "Gechic", "GET": "Getac", "GGL": "Google",
    "GSM": "LG", "GWY": "Gateway", "HEC": "Hisense", "HEI": "Hyundai", "HIQ": "Hyundai ImageQuest", "HIS": "Hope Industrial Systems",
    "HIT": "Hitachi", "HKC": "HKC", "HNM": "Honor", "HPC": "HP", "HPD": "HP", "HPN": "HP", "HPQ": "HP", "HRE": "Haier",
    "HSD": "HannStar", "HSL": "Hansol", "HSP": "HannStar", "HTC": "Hitachi", "HWP": "HP", "HWV": "Huawei", "HYD": "Hydis", "HYO": "HYC",
    "IBM": "IBM", "ICL": "Fujitsu ICL", "IDT": "International Display Technology", "IFS": "InFocus", "INA": "Inventec",
    "INL": "InnoLux", "INZ": "Insignia", "IQT": "Hyundai ImageQuest", "IVM": "Iiyama", "IVO": "InfoVision", "JDI": "Japan Display",
    "JKC": "JVC Kenwood", "JVC": "JVC", "KDS": "KDS", "KFC": "KFC", "KYC": "Kyocera", "LCD": "Toshiba Matsushita Display",
    "LEN": "Lenovo", "LGD": "LG Display", "LGP": "LG Philips", "LIN": "Lenovo", "LKM": "Likom", "LNK": "LINK", "LNV": "Lenovo",
    "LOE": "Loewe", "LPL": "LG Philips", "LTN": "Lite-On", "MAG": "MAG InnoVision", "MAT": "Panasonic", "MAX": "Maxdata",
    "MCN": "Micron Electronics", "MDO": "Panasonic", "MED": "Medion", "MEI": "Panasonic", "MEL": "Mitsubishi", "MIR": "Miro",
    "MJI": "Marantz", "MSH": "Microsoft", "MSI": "MSI", "MST": "MS Telematica", "MTC": "Mars-Tech", "MXD": "Maxdata", "MXL": "Maxell",
    "NAN": "Nanao", "NCE": "Norcent", "NCP": "Panda", "NDS": "Nokia Data", "NEC": "NEC", "NMV": "NEC-Mitsubishi", "NOK": "Nokia",
    "NVD": "NVIDIA", "NXT": "NZXT", "OEC": "Orion", "OLD": "Olidata", "OLI": "Olivetti", "ONK": "Onkyo", "OQI": "Optiquest",
    "ORN": "Orion", "OTM": "Optoma", "PBN": "Packard Bell", "PCK": "Daewoo", "PDC": "Polaroid", "PEG": "Pegatron", "PGS": "Princeton",
    "PHL": "Philips", "PIO": "Pioneer", "PLY": "Polycom", "PNR": "Planar", "POS": "Positivo", "PPX": "Perceptive Pixel",
    "PRT": "Princeton", "PTS": "ProView", "PVG": "ProView", "PVI": "Prime View", "QCI": "Quanta", "QDS": "Quanta Display",
    "QWA": "Quanta", "REL": "Relisys", "RZR": "Razer", "SAM": "Samsung", "SAN": "Sanyo", "SBI": "SMART Technologies", "SCD": "Sanyo",
    "SDC": "Samsung Display", "SDI": "Samtron", "SEC": "Samsung", "SEM": "Samsung", "SGD": "Sigma Designs", "SGI": "Silicon Graphics",
    "SHP": "Sharp", "SIE": "Siemens", "SKG": "KTC", "SKW": "Skyworth", "SMC": "Samtron", "SMI": "Smile", "SNP": "Siemens Nixdorf",
    "SNY": "Sony", "SPO": "Sampo", "SPT": "Sceptre", "SRC": "Shamrock", "STN": "Samtron", "STP": "Sceptre", "SUN": "Sun Microsystems",
    "TAT": "Tatung", "TAX": "Taxan", "TCI": "Tulip", "TCL": "TCL", "TCS": "Tatung", "TMA": "Tianma", "TOS": "Toshiba",
    "TPV": "Top Victory", "TRL": "Royal Information", "TSB": "Toshiba", "TSC": "Sanyo", "TSE": "Sanyo", "TSL": "Sanyo", "TTE": "TTE",
    "TWH": "Twinhead", "UEG": "Elitegroup", "UNM": "Unisys", "UWC": "Uniwill", "VAI": "VAIO", "VES": "Vestel", "VIB": "Tatung",
    "VIZ": "Vizio", "VLV": "Valve", "VOB": "Maxdata", "VSC": "ViewSonic", "WAC": "Wacom", "WDE": "Westinghouse", "WST": "Wistron",
    "XMI": "Xiaomi", "YMH": "Yamaha", "ZDS": "Zenith",
}  # fmt: skip


def name_of(letters: str) -> str:
    """The maker's name, or the letters themselves where the table has none."""
    return NAMES.get(letters, letters)
