"""What people call the codes of triage: defects, zones, severities, reasons, lines of a sum, ways of recognising."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words
from revlog.common.words import Audience
from triage.defects import DEFECTS
from triage.reasons import SENTENCES

S, C = Audience.STAFF, Audience.CUSTOMER

AXIS_WORDS = {
    "function": _("function"),
    "cosmetic": _("looks"),
    "battery": _("battery"),
    "storage": _("storage"),
    "lock": _("locks"),
    "hazard": _("dangers"),
    "whole": _("as a whole"),
}
SEVERITY_WORDS = {"minor": _("light"), "major": _("clear"), "critical": _("severe")}
ZONE_WORDS = {
    "lid": _("lid"),
    "palmrest": _("palm rest"),
    "base": _("underside"),
    "screen_frame": _("screen frame"),
    "front": _("front"),
    "back": _("back"),
    "frame": _("frame"),
    "sleeve": _("sleeve"),
    "seam": _("seam"),
    "body": _("housing"),
    "screen": _("screen"),
    "keyboard": _("keyboard"),
    "hinge": _("hinges"),
    "left": _("left side"),
    "right": _("right side"),
    "back_side": _("back side"),
    "top": _("top"),
    "stand": _("stand"),
}
"""Places of a thing. Those that are called like another code's word (``keyboard``) are asked for here."""

words.add({code: told for code, told in ZONE_WORDS.items() if code not in DEFECTS})
words.add({code: defect.label for code, defect in DEFECTS.items()})
words.add({f"zone.{code}": told for code, told in ZONE_WORDS.items()})
words.add(SEVERITY_WORDS)
words.add({f"axis.{code}": told for code, told in AXIS_WORDS.items()})
words.add({f"because.{code}": told for code, told in SENTENCES.items()})
words.add(
    {
        "triage.rubric": _("grading rules"),
        "triage.economics": _("figures of the valuation"),
        "triage.test_plan": _("test plan"),
        "triage.photos": _("photos of inspections"),
        # Grades and dispositions as the facts carry them
        "NEW": _("sealed"),
        "A": _("A, like new"),
        "B": _("B, light wear"),
        "C": _("C, visible wear"),
        "D": _("D, defective or for parts"),
        "U": _("not tested"),
        "NA": _("no rubric"),
        "RESTOCK": _("restock"),
        "RESELL": _("sell as it is"),
        "REFURBISH": _("refurbish and sell"),
        "REPAIR_AND_RETURN": _("repair and return"),
        "HARVEST": _("harvest parts"),
        "DESTROY": _("destroy"),
        "RECYCLE": _("recycle"),
        "DONATE": _("donate"),
        "REFURBISH_AND_DONATE": _("refurbish and donate"),
        "DEPLOY": _("deploy again"),
        "RETURN_TO_OWNER": _("return to its owner"),
        "RETURN_TO_VENDOR": _("return to the vendor"),
        # Counters of a drive
        "pending": _("sectors wait to be reallocated"),
        "uncorrectable": _("sectors can't be read"),
        "media_errors": _("errors of the medium"),
        "reallocated": _("sectors were reallocated"),
        "grown_defects": _("defects have grown"),
        "wear_percent": _("percent of the writing life is used"),
        "power_on_hours": _("hours of running"),
        # Tests that passed
        "test.stress": _("load"),
        "test.memory": _("memory"),
        "test.audio": _("sound"),
        "test.connectivity": _("radio and network"),
        "test.camera": _("camera"),
        "test.keyboard": _("keyboard"),
        "test.trackpad": _("trackpad"),
        "test.bios": _("firmware"),
        "test.battery": _("battery"),
        "test.power_adapter": _("charger"),
        "test.hinge": _("hinge"),
        "test.display": _("display"),
        "test.storage": _("drive"),
        # Formats
        "ereuse.workbench11": _("Workbench snapshot"),
        "ereuse.workbench-lite": _("Workbench snapshot (lite)"),
        "ereuse.workbench-script": _("Workbench script"),
        "ereuse.events": _("Workbench event"),
        "lshw.json": _("lshw"),
        "lshw.xml": _("lshw"),
        "lshw.text": _("lshw"),
        "smartctl.json": _("smartctl"),
        "smartctl.text": _("smartctl"),
        "nwipe.log": _("nwipe log"),
        "android.battery": _("Android battery dump"),
        "android.getprop": _("Android properties"),
        "ios.deviceinfo": _("iOS device information"),
        "ios.diagnostics": _("iOS diagnostics"),
        "phonecheck.json": _("Phonecheck"),
        "blancco.json": _("Blancco"),
        "blancco.xml": _("Blancco"),
        # How a unit was recognised
        "drive": _("the serial of its drive"),
        "chosen": _("the page it was sent on"),
        "by_hand": _("a person"),
        "created": _("a person, who made the unit of it"),
        "page": _("page"),
        "api": _("API"),
        "command": _("command line"),
        # Why a report has no unit, or can't be read
        "UNKNOWN_UNIT": _("no such unit is known"),
        "NO_IDENTITY": _("it names no serial, no IMEI and no drive"),
        "AMBIGUOUS": _("several units fit"),
        "OTHER_SERIAL": _("it names another serial"),
        "OTHER_UNIT": _("its drive is on record in another unit"),
        "DRIVES_UNKNOWN": _("some of its drives belong to no known unit"),
        "EMPTY": _("the file is empty"),
        "TOO_LARGE": _("it is too large"),
        "COMPRESSED": _("it is an archive"),
        "NOT_TEXT": _("it isn't text"),
        "BAD_ENCODING": _("its encoding is broken"),
        "TRUNCATED": _("it stops before its end"),
        "BAD_JSON": _("its JSON is broken"),
        "BAD_YAML": _("its YAML is broken"),
        "BAD_XML": _("its XML is broken"),
        "HOSTILE_XML": _("its XML holds entities"),
        "TOO_DEEP": _("it is nested too deeply"),
        "TOO_COMPLEX": _("it has too many parts"),
        "UNKNOWN_FORMAT": _("its format isn't known"),
        "NO_SYSTEM": _("it describes no machine"),
        "NO_DEVICE": _("it describes no drive"),
        "PARSER_LIMIT": _("reading it takes too long or too much"),
        "PARSER_FAULT": _("its reader failed"),
        # Lines of a sum
        "line.value": _("Sold as open box"),
        "line.grade_NEW": _("Sold sealed"),
        "line.grade_A": _("Sold in grade A"),
        "line.grade_B": _("Sold in grade B"),
        "line.grade_C": _("Sold in grade C"),
        "line.grade_D": _("Sold in grade D"),
        "line.grade_parts": _("Its parts sold"),
        "line.handling": _("Handling"),
        "line.freight": _("Carriage"),
        "line.data_wipe": _("Wiping its data"),
        "line.data_destroy": _("Destroying its storage"),
        "line.teardown": _("Taking it apart"),
        "line.carbon": _("Carbon avoided, at your price"),
        "line.material": _("Material"),
        "line.treatment": _("Treatment"),
        "line.destruction": _("Destruction"),
        "line.hazard": _("Hazardous goods"),
        "line.holding": _("Space and capital"),
        "line.warranty": _("Warranty"),
        "line.failure": _("Failures"),
        "list_price": _("catalog's list price"),
        "price_book": _("price book"),
        "assumption": _("default assumption"),
        "triage.report_refused": _("report that can't be read"),
        "triage.report_unmatched": _("report without a unit"),
        "triage.undecided": _("unit without a way"),
        "report.received": {S: _("waiting to be read")},
        "report.ingested": {S: _("matched")},
        "report.unmatched": {S: _("no unit")},
        "report.refused": {S: _("can't be read")},
    }
)
