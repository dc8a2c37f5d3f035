"""What firmware and tools print where a value should stand: such a text is no serial, maker or model.

A placeholder taken for a serial would make strangers' machines one device, so a doubtful value is no value. The lists hold
texts in their folded form: lower case, letters and digits only.
"""

from __future__ import annotations

import re

from triage.reports import values

_NOT_FOLDED = re.compile(r"[^0-9a-z]+")
_BRACKETED = re.compile(r"[\[(<]\s*(empty|none|unknown|no \w+|redacted|removed|masked)\s*[\])>]", re.IGNORECASE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOTHING = _words(
    """
    0 00 na none null nil nan unknown unknow undefined unspecified notspecified notavailable notapplicable notpresent
    notsettable notdefined notset notprovided noasset noassettag noassettagset noassetinformation noserial noserialnumber
    nil empty blank invalid void default defaultstring todo tbd tba dummy test sample example
    oem oemstring notused noenum other generic genericname
    tobefilledbyoem tobefilledbyoemo tobefilledbyoemtobefilledbyoem filledbyoem tobefilled tobefilledbyme
    tobefilledbyvendor tobefilledbymanufacturer tobedefinedbyoem tobesetbyoem
    systemmanufacturer systemproductname systemname systemversion systemserialnumber systemsku systemskunumber sysmanufacturer
    systemmanufacture sysserial sysproductname systemserial
    manufacturer productname productserial serialnumber serial sernum sn sku skunumber modelname modelnumber model version
    baseboardmanufacturer baseboardproductname baseboardproduct baseboardserialnumber baseboardserial baseboardversion
    boardserialnumber boardmanufacturer boardproductname mbserial mainboardserial mainboard
    chassismanufacturer chassismanufacture chassisserialnumber chassisserial chassisversion chassisassettag casemanufacturer
    assettag assettagnumber assetnumber atnassetinformation noassetinfo asset
    partnum partnumber pnumber serialnum sernumber moduleserial modulemanufacturer manufacturer0 manufacturer1 manufacturer2
    manufacturer3 manufacturer00 manufacturer01 manufacturer02 manufacturer03
    xxx xxxx xxxxx yyyy zzzz
    tbdbyoem type1tbdbyoem type1productconfigid type1family type2boardserialnumber type2boardassettag 48spaces
    redacted masked hidden removed anonymized anonymised confidential censored
    wasempty unset missing outofspec badindex notenabled bad
    standarddiskdrives standarddiskdrive diskdrive
    evaluationcopy oemname oemproduct
    tbdbyodm tobefilledbyodm fillbyoem fillbyodm baseboardassettag jedecid noenclosure settable
    releasekeys testkeys devkeys unmanaged
    notsupportedbycpu notsupported
    """
)
_NUMBERED = re.compile(
    r"(sernum|partnum|partnumber|modulepartnumber|moduleserialnumber|manufacturer|assettag|asset|array\d+partnumber|oemdefine"
    r"|dimm|bank|slot|serialnumber|channel[a-d]dimm)\d{0,3}"
)
_COUNTING = re.compile(r"(eee|eeepc)?0123456789(a(b(c(d(ef?)?)?)?)?)?")
_SERIAL_NOTHING = _words(
    """
    123456789 1234567890 0123456789 01234567890 012345678 12345678 1234567 123456 12345 1234 0123 01234567 0123456 012345
    01234567890123456789 123456789012345678900 1234567890abcdef 0123456789abcdef 123456789abc
    abc123 a1b2c3 xxxxxxxxxx 11111111 badserial baseboard none000 empty0 ssn12345678901234567 sn1234567890 mb1234567890
    eb1234567890 bss0123456789 bsn12345678901234567 csn12345678901234567 atn12345678901234567 bsn12345678901234567890
    systemserialno demo prototype engineeringsample
    virtualmachine systemserialnumb asset1234567890 sernumber 987654321 9876543210 16843009 4294967295
    """
)
_VERSION = re.compile(r"[vV]?[0-9]{1,2}\.[0-9]{1,2}")
# What makers of boards leave in every board: a UUID that strangers share names nothing.
_UUID_NOTHING = _words(
    """
    03000200040005000006000700080009 00020003000400050006000700080009 12345678123456789012345678901234
    1234567812345678901234567890abcd 12345678123456781234567812345678 1234567812345678123456789abcdef0
    12345678123456781234123456789abc 12345678123456789000abcdef012345 123456781234567890abcddeefaabbcc
    4c4c4544000020108020802020202020 4c4c454400002010802080c04f202020 44454c4c000020108020802020202020
    0123456789abcdef0123456789abcdef 00112233445566778899aabbccddeeff ffeeddccbbaa99887766554433221100
    """
)


def _fold(value: str) -> str:
    return _NOT_FOLDED.sub("", value.lower())


def clean(value: object) -> str | None:
    """A maker's or model's name as printed, trimmed; None for nothing, for a placeholder and for a single repeated sign."""
    line = values.text(value)
    if line is None or _BRACKETED.fullmatch(line):
        return None
    folded = _fold(line)
    if folded in _NOTHING or (not folded and (line.isascii() or (len(line) > 1 and len(set(line)) == 1))):
        return None
    if len(folded) >= 2 and len(set(folded)) == 1 and (len(folded) > 3 or folded[0] in "0x"):
        return None
    if re.fullmatch(r"0x(0+|f{4,})", folded):
        # A register that nobody wrote, as Macs print a memory module's maker.
        return None
    if folded.startswith(
        ("tobefilledby", "defaultstring", "notspecified", "skunotprovided", "tbdby")
    ) or _NUMBERED.fullmatch(folded):
        return None
    return line


def clean_serial(value: object) -> str | None:
    """A serial as printed, trimmed; None as for ``clean``, and for counting lines such as 0123456789 that many boards print."""
    line = clean(value)
    if line is None:
        return None
    folded = _fold(line)
    if folded in _SERIAL_NOTHING or len(set(folded)) < 2 or _COUNTING.fullmatch(folded) or _VERSION.fullmatch(line):
        return None
    # 00000000-0000-... and FFFFFF: all signs alike once the dividers are gone was caught above; so is a bare run of zeros
    # with one closing digit, which card readers and USB bridges print (000000000001).
    if re.fullmatch(r"0{6,}[0-9a-f]?|0x(?:0+|f+)", folded):
        return None
    return line


def clean_uuid(value: object) -> str | None:
    """A UUID as printed, trimmed; None for nothing, for a placeholder and for one that board makers leave in every board."""
    line = clean(value)
    if line is None:
        return None
    folded = _fold(line)
    if folded in _UUID_NOTHING or len(set(folded)) < 4 or not re.fullmatch(r"[0-9a-f]{24,40}", folded):
        return None
    return line
