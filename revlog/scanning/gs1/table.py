"""The application identifiers of GS1: what each holds, and with which others it stands.

Facts of the GS1 General Specifications, release of January 2026. A field is written as its parts: ``n14:check`` is fourteen digits of
which the last is right, ``x-20`` one to twenty characters, ``n3?`` three digits or nothing; after a colon stand checks of
``checking.CHECKS``. ``needs`` lists groups of which one identifier must stand beside (``01+21`` means both); ``never`` what may not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A stretch of a field. ``alphabet`` is ``n`` digits, ``x`` and ``y`` the two invariant sets, ``z`` base64url."""

    alphabet: str
    least: int
    most: int
    optional: bool
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Identifier:
    """``first`` to ``last`` is the range of identifiers the row is for."""

    first: str
    last: str
    parts: tuple[Part, ...]
    fixed: bool
    """No separator follows: the length is known."""
    link: bool
    """It may be an attribute of a Digital Link."""
    key: tuple[str, ...]
    """It begins the path of a Digital Link; which qualifiers may follow it, in this order. Empty: it doesn't."""
    needs: tuple[str, ...]
    never: tuple[str, ...]


_PART = re.compile(r"([nxyz])(-?)(\d+)(\??)((?::[a-z0-9_]+)*)")


def _part(text: str) -> Part:
    alphabet, upto, most, optional, checks = _PART.fullmatch(text).groups()  # type: ignore[union-attr]
    return Part(alphabet, 1 if upto else int(most), int(most), bool(optional), tuple(checks.split(":")[1:]))


def _of(
    span: str,
    parts: str,
    *,
    fixed: bool = False,
    link: bool = False,
    key: Iterable[str] = (),
    needs: Iterable[str] = (),
    never: str = "",
) -> Identifier:
    first, _dash, last = span.partition("-")
    found = tuple(_part(text) for text in parts.split())
    return Identifier(first, last or first, found, fixed, link, tuple(key), tuple(needs), tuple(never.split()))


# fmt: off
TABLE: tuple[Identifier, ...] = (
    _of("00", "n18:check", fixed=True, link=True, key=("",)),
    _of("01", "n14:check", fixed=True, link=True, key=("22 10 21", "235"), never="255 37"),
    _of("02", "n14:check", fixed=True, link=True, needs=("37",), never="01 03"),
    _of("03", "n14:check", fixed=True, never="01 02 37"),
    _of("10", "x-20", link=True, needs=("01 02 03 8006 8026",)),
    _of("11", "n6:day0", fixed=True, link=True, needs=("01 02 03 8006 8026",)),
    _of("12", "n6:day0", fixed=True, link=True, needs=("8020",)),
    _of("13", "n6:day0", fixed=True, link=True, needs=("01 02 03 8006 8026",)),
    _of("15", "n6:day0", fixed=True, link=True, needs=("01 02 03 8006 8026",)),
    _of("16", "n6:day0", fixed=True, link=True, needs=("01 02 03 8006 8026",)),
    _of("17", "n6:day0", fixed=True, link=True, needs=("01 02 03 255 8006 8026",)),
    _of("20", "n2", fixed=True, link=True, needs=("01 02 8006 8026",)),
    _of("21", "x-20", needs=("01 03 8006",), never="235"),
    _of("22", "x-20", needs=("01",)),
    _of("235", "x-28", needs=("01",)),
    _of("240", "x-30", link=True, needs=("01 02 8006 8026",)),
    _of("241", "x-30", link=True, needs=("01 02 8006 8026",)),
    _of("242", "n-6", link=True, needs=("01 02 8006 8026",)),
    _of("243", "x-20", link=True, needs=("01",)),
    _of("250", "x-30", link=True, needs=("01 8006", "21")),
    _of("251", "x-30", link=True, needs=("01 8006",)),
    _of("253", "n13:check x-17?", link=True, key=("",)),
    _of("254", "x-20", needs=("414",)),
    _of("255", "n13:check n-12?", link=True, key=("",), never="01 02 415 8006 8020 8026"),
    _of("30", "n-8", link=True, needs=("01 02",)),
    _of("3100-3105", "n6", fixed=True, link=True, needs=("01 02",), never="310n"),
    _of("3110-3115", "n6", fixed=True, link=True, needs=("01 02",), never="311n"),
    _of("3120-3125", "n6", fixed=True, link=True, needs=("01 02",), never="312n"),
    _of("3130-3135", "n6", fixed=True, link=True, needs=("01 02",), never="313n"),
    _of("3140-3145", "n6", fixed=True, link=True, needs=("01 02",), never="314n"),
    _of("3150-3155", "n6", fixed=True, link=True, needs=("01 02",), never="315n"),
    _of("3160-3165", "n6", fixed=True, link=True, needs=("01 02",), never="316n"),
    _of("3200-3205", "n6", fixed=True, link=True, needs=("01 02",), never="320n"),
    _of("3210-3215", "n6", fixed=True, link=True, needs=("01 02",), never="321n"),
    _of("3220-3225", "n6", fixed=True, link=True, needs=("01 02",), never="322n"),
    _of("3230-3235", "n6", fixed=True, link=True, needs=("01 02",), never="323n"),
    _of("3240-3245", "n6", fixed=True, link=True, needs=("01 02",), never="324n"),
    _of("3250-3255", "n6", fixed=True, link=True, needs=("01 02",), never="325n"),
    _of("3260-3265", "n6", fixed=True, link=True, needs=("01 02",), never="326n"),
    _of("3270-3275", "n6", fixed=True, link=True, needs=("01 02",), never="327n"),
    _of("3280-3285", "n6", fixed=True, link=True, needs=("01 02",), never="328n"),
    _of("3290-3295", "n6", fixed=True, link=True, needs=("01 02",), never="329n"),
    _of("3300-3305", "n6", fixed=True, link=True, needs=("00 01",), never="330n"),
    _of("3310-3315", "n6", fixed=True, link=True, needs=("00 01",), never="331n"),
    _of("3320-3325", "n6", fixed=True, link=True, needs=("00 01",), never="332n"),
    _of("3330-3335", "n6", fixed=True, link=True, needs=("00 01",), never="333n"),
    _of("3340-3345", "n6", fixed=True, link=True, needs=("00 01",), never="334n"),
    _of("3350-3355", "n6", fixed=True, link=True, needs=("00 01",), never="335n"),
    _of("3360-3365", "n6", fixed=True, link=True, needs=("00 01",), never="336n"),
    _of("3370-3375", "n6", fixed=True, link=True, needs=("01",), never="337n"),
    _of("3400-3405", "n6", fixed=True, link=True, needs=("00 01",), never="340n"),
    _of("3410-3415", "n6", fixed=True, link=True, needs=("00 01",), never="341n"),
    _of("3420-3425", "n6", fixed=True, link=True, needs=("00 01",), never="342n"),
    _of("3430-3435", "n6", fixed=True, link=True, needs=("00 01",), never="343n"),
    _of("3440-3445", "n6", fixed=True, link=True, needs=("00 01",), never="344n"),
    _of("3450-3455", "n6", fixed=True, link=True, needs=("00 01",), never="345n"),
    _of("3460-3465", "n6", fixed=True, link=True, needs=("00 01",), never="346n"),
    _of("3470-3475", "n6", fixed=True, link=True, needs=("00 01",), never="347n"),
    _of("3480-3485", "n6", fixed=True, link=True, needs=("00 01",), never="348n"),
    _of("3490-3495", "n6", fixed=True, link=True, needs=("00 01",), never="349n"),
    _of("3500-3505", "n6", fixed=True, link=True, needs=("01 02",), never="350n"),
    _of("3510-3515", "n6", fixed=True, link=True, needs=("01 02",), never="351n"),
    _of("3520-3525", "n6", fixed=True, link=True, needs=("01 02",), never="352n"),
    _of("3530-3535", "n6", fixed=True, link=True, needs=("00 01",), never="353n"),
    _of("3540-3545", "n6", fixed=True, link=True, needs=("00 01",), never="354n"),
    _of("3550-3555", "n6", fixed=True, link=True, needs=("00 01",), never="355n"),
    _of("3560-3565", "n6", fixed=True, link=True, needs=("01 02",), never="356n"),
    _of("3570-3575", "n6", fixed=True, link=True, needs=("01 02",), never="357n"),
    _of("3600-3605", "n6", fixed=True, link=True, needs=("01 02",), never="360n"),
    _of("3610-3615", "n6", fixed=True, link=True, needs=("01 02",), never="361n"),
    _of("3620-3625", "n6", fixed=True, link=True, needs=("00 01",), never="362n"),
    _of("3630-3635", "n6", fixed=True, link=True, needs=("00 01",), never="363n"),
    _of("3640-3645", "n6", fixed=True, link=True, needs=("01 02",), never="364n"),
    _of("3650-3655", "n6", fixed=True, link=True, needs=("01 02",), never="365n"),
    _of("3660-3665", "n6", fixed=True, link=True, needs=("01 02",), never="366n"),
    _of("3670-3675", "n6", fixed=True, link=True, needs=("00 01",), never="367n"),
    _of("3680-3685", "n6", fixed=True, link=True, needs=("00 01",), never="368n"),
    _of("3690-3695", "n6", fixed=True, link=True, needs=("00 01",), never="369n"),
    _of("37", "n-8", link=True, needs=("00", "02 8026")),
    _of("3900-3909", "n-15", link=True, needs=("255 8020",), never="390n 391n 394n 8111"),
    _of("3910-3919", "n3:currency n-15", link=True, needs=("8020",), never="391n"),
    _of("3920-3929", "n-15", link=True, needs=("01", "30 31nn 32nn 35nn 36nn"), never="392n 393n"),
    _of("3930-3939", "n3:currency n-15", link=True, needs=("30 31nn 32nn 35nn 36nn",), never="393n"),
    _of("3940-3943", "n4", link=True, needs=("255",), never="394n 8111"),
    _of("3950-3955", "n6", link=True, needs=("30 31nn 32nn 35nn 36nn",), never="392n 393n 395n 8005"),
    _of("400", "x-30", link=True),
    _of("401", "x-30:prefix", link=True, key=("",)),
    _of("402", "n17:check", link=True, key=("",)),
    _of("403", "x-30", link=True, needs=("00",)),
    _of("410", "n13:check", fixed=True, link=True),
    _of("411", "n13:check", fixed=True, link=True),
    _of("412", "n13:check", fixed=True, link=True),
    _of("413", "n13:check", fixed=True, link=True),
    _of("414", "n13:check", fixed=True, link=True, key=("254", "7040")),
    _of("415", "n13:check", fixed=True, link=True, key=("8020",), needs=("8020",)),
    _of("416", "n13:check", fixed=True, link=True),
    _of("417", "n13:check", fixed=True, link=True, key=("7040",)),
    _of("420", "x-20", link=True, never="421"),
    _of("421", "n3:country x-9", link=True, never="4307"),
    _of("422", "n3:country", link=True, needs=("01 02 8006 8026",), never="426"),
    _of("423", "n3:country n3?:country n3?:country n3?:country n3?:country", link=True, needs=("01 02",), never="426"),
    _of("424", "n3:country", link=True, needs=("01 02",), never="426"),
    _of("425", "n3:country n3?:country n3?:country n3?:country n3?:country", link=True, needs=("01 02",), never="426"),
    _of("426", "n3:country", link=True, needs=("01 02",)),
    _of("427", "x-3", link=True, needs=("01 02", "422")),
    _of("4300", "x-35:escaped", link=True, needs=("00",)),
    _of("4301", "x-35:escaped", link=True, needs=("00",)),
    _of("4302", "x-70:escaped", link=True, needs=("00",)),
    _of("4303", "x-70:escaped", link=True, needs=("4302",)),
    _of("4304", "x-70:escaped", link=True, needs=("00",)),
    _of("4305", "x-70:escaped", link=True, needs=("00",)),
    _of("4306", "x-70:escaped", link=True, needs=("00",)),
    _of("4307", "x2:country2", link=True, needs=("00",)),
    _of("4308", "x-30", link=True, needs=("00",)),
    _of("4309", "n10:latitude n10:longitude", link=True, needs=("00",)),
    _of("4310", "x-35:escaped", link=True, needs=("00",)),
    _of("4311", "x-35:escaped", link=True, needs=("00",)),
    _of("4312", "x-70:escaped", link=True, needs=("00",)),
    _of("4313", "x-70:escaped", link=True, needs=("4312",)),
    _of("4314", "x-70:escaped", link=True, needs=("00",)),
    _of("4315", "x-70:escaped", link=True, needs=("00",)),
    _of("4316", "x-70:escaped", link=True, needs=("00",)),
    _of("4317", "x2:country2", link=True, needs=("00",)),
    _of("4318", "x-20", link=True, needs=("00",)),
    _of("4319", "x-30", link=True, needs=("00",)),
    _of("4320", "x-35:escaped", link=True, needs=("00",)),
    _of("4321", "n1:flag", link=True, needs=("00",)),
    _of("4322", "n1:flag", link=True, needs=("00",)),
    _of("4323", "n1:flag", link=True, needs=("00",)),
    _of("4324", "n6:day0 n4:minute", link=True, needs=("00",)),
    _of("4325", "n6:day0 n4:minute", link=True, needs=("00",)),
    _of("4326", "n6:day", link=True, needs=("00",)),
    _of("4330", "n6 x1?:hyphen", link=True, needs=("00",), never="4331"),
    _of("4331", "n6 x1?:hyphen", link=True, needs=("00",), never="4330"),
    _of("4332", "n6 x1?:hyphen", link=True, needs=("00",), never="4333"),
    _of("4333", "n6 x1?:hyphen", link=True, needs=("00",), never="4332"),
    _of("7001", "n13", link=True, needs=("01 02 8006 8026",)),
    _of("7002", "x-30", link=True, needs=("01 02",)),
    _of("7003", "n6:day n4:minute", link=True, needs=("01 02",)),
    _of("7004", "n-4", link=True, needs=("01+10",)),
    _of("7005", "x-12", link=True, needs=("01 02",)),
    _of("7006", "n6:day", link=True, needs=("01 02",)),
    _of("7007", "n6:day n6?:day", link=True, needs=("01 02",)),
    _of("7008", "x-3", link=True, needs=("01 02",)),
    _of("7009", "x-10", link=True, needs=("01 02",)),
    _of("7010", "x-2", link=True, needs=("01 02",)),
    _of("7011", "n6:day n4?:minute", link=True, needs=("01 02",)),
    _of("7020", "x-20", link=True, needs=("01 8006", "416")),
    _of("7021", "x-20", link=True, needs=("01 8006",)),
    _of("7022", "x-20", link=True, needs=("7021",)),
    _of("7023", "x-30:prefix", link=True),
    _of("7030", "n3:country_or_any x-27", link=True, needs=("01 02",)),
    _of("7031", "n3:country_or_any x-27", link=True, needs=("01 02",)),
    _of("7032", "n3:country_or_any x-27", link=True, needs=("01 02",)),
    _of("7033", "n3:country_or_any x-27", link=True, needs=("01 02",)),
    _of("7034", "n3:country_or_any x-27", link=True, needs=("01 02",)),
    _of("7035", "n3:country_or_any x-27", link=True, needs=("01 02",)),
    _of("7036", "n3:country_or_any x-27", link=True, needs=("01 02",)),
    _of("7037", "n3:country_or_any x-27", link=True, needs=("01 02",)),
    _of("7038", "n3:country_or_any x-27", link=True, needs=("01 02",)),
    _of("7039", "n3:country_or_any x-27", link=True, needs=("01 02",)),
    _of("7040", "n1 x1 x1 x1:importer"),
    _of("7041", "x-4:package", needs=("00",)),
    _of("710", "x-20", link=True, needs=("01",)),
    _of("711", "x-20", link=True, needs=("01",)),
    _of("712", "x-20", link=True, needs=("01",)),
    _of("713", "x-20", link=True, needs=("01",)),
    _of("714", "x-20", link=True, needs=("01",)),
    _of("715", "x-20", link=True, needs=("01",)),
    _of("716", "x-20", link=True, needs=("01",)),
    _of("717", "x-20", link=True, needs=("01",)),
    _of("7230", "x2 x-28", link=True, needs=("01 8004",)),
    _of("7231", "x2 x-28", link=True, needs=("01 8004",)),
    _of("7232", "x2 x-28", link=True, needs=("01 8004",)),
    _of("7233", "x2 x-28", link=True, needs=("01 8004",)),
    _of("7234", "x2 x-28", link=True, needs=("01 8004",)),
    _of("7235", "x2 x-28", link=True, needs=("01 8004",)),
    _of("7236", "x2 x-28", link=True, needs=("01 8004",)),
    _of("7237", "x2 x-28", link=True, needs=("01 8004",)),
    _of("7238", "x2 x-28", link=True, needs=("01 8004",)),
    _of("7239", "x2 x-28", link=True, needs=("01 8004",)),
    _of("7240", "x-20", link=True, needs=("01 8006",)),
    _of("7241", "n2:media", link=True, needs=("8017 8018",)),
    _of("7242", "x-25", link=True, needs=("8017 8018",)),
    _of("7250", "n8:long_day", link=True, needs=("8018",), never="7251"),
    _of("7251", "n8:long_day n4:minute", link=True, needs=("8018",), never="7250"),
    _of("7252", "n1:sex", link=True, needs=("8018",)),
    _of("7253", "x-40:escaped", link=True, needs=("8017 8018",), never="7256 7259"),
    _of("7254", "x-40:escaped", link=True, needs=("8017 8018",), never="7256 7259"),
    _of("7255", "x-10", link=True, needs=("8017 8018",), never="7256 7259"),
    _of("7256", "x-90:escaped", link=True, needs=("8017 8018",)),
    _of("7257", "x-70:escaped", link=True, needs=("8018",)),
    _of("7258", "x3:sequence", link=True, needs=("8018+7259",)),
    _of("7259", "x-40:escaped", link=True, needs=("8018",), never="7256"),
    _of("8001", "n4:nonzero n5:nonzero n3:nonzero n1:winding n1", link=True, needs=("01",)),
    _of("8002", "x-20", link=True),
    _of("8003", "n1:zero n13:check x-16?", link=True, key=("",)),
    _of("8004", "x-30:prefix", link=True, key=("7040",)),
    _of("8005", "n6", link=True, needs=("01 02",)),
    _of("8006", "n14:check n4:piece", link=True, key=("22 10 21",), never="01 37"),
    _of("8007", "x-34:iban", link=True, needs=("415",)),
    _of("8008", "n6:day n2:hour n2?:sixty n2?:sixty", link=True, needs=("01 02",)),
    _of("8009", "x-50", link=True, needs=("00 01",)),
    _of("8010", "y-30:prefix", link=True, key=("8011",)),
    _of("8011", "n-12:no_zero", needs=("8010",)),
    _of("8012", "x-20", link=True, needs=("01 8006",)),
    _of("8013", "x-25:check2:prefix", link=True, key=("",)),
    _of("8014", "x-25:check2:nondigit:prefix", needs=("01",)),
    _of("8017", "n18:check", link=True, key=("8019",), never="8018"),
    _of("8018", "n18:check", link=True, key=("8019",), never="8017"),
    _of("8019", "n-10", needs=("8017 8018",)),
    _of("8020", "x-25", needs=("415",)),
    _of("8026", "n14:check n4:piece", link=True, needs=("37",), never="02 8006"),
    _of("8030", "z-90", link=True, needs=("00 01+21 253 255 8003 8004 8006+21 8010+8011 8017 8018",)),
    _of("8040", "n15", needs=("01+21",)),
    _of("8041", "n15", needs=("01+21+8040",)),
    _of("8042", "n32", needs=("01+21+8040",)),
    _of("8043", "n18 n-2?", needs=("01+21+8040",)),
    _of("8110", "x-70", link=True),
    _of("8111", "n4", link=True, needs=("255",)),
    _of("8112", "x-70", link=True),
    _of("8200", "x-70", needs=("01",)),
    _of("90", "x-30", link=True),
    _of("91-99", "x-90", link=True),
)
# fmt: on

BY_CODE: dict[str, Identifier] = {
    f"{number:0{len(row.first)}d}": row for row in TABLE for number in range(int(row.first), int(row.last) + 1)
}
_LONGEST = max(len(code) for code in BY_CODE)


def identifier_at(text: str) -> tuple[str, Identifier] | None:
    """The identifier that ``text`` begins with: no one is the beginning of another."""
    for length in range(2, _LONGEST + 1):
        if (row := BY_CODE.get(text[:length])) is not None:
            return text[:length], row
    return None
