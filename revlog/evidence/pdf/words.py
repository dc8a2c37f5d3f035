"""The words for codes that documents print: one table, one wording, every language from the catalogs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MEDIUM_KIND = {
    "hdd": _("hard disk"),
    "ssd": _("SATA SSD"),
    "nvme": _("NVMe SSD"),
    "emmc": _("eMMC flash"),
    "ufs": _("UFS flash"),
    "usb": _("USB storage"),
    "optical": _("optical disc"),
    "tape": _("magnetic tape"),
    "unknown": _("kind not known"),
}
# The names of the categories are terms of art: auditors look for these very words in every language.
LEVEL = {
    "clear": "Clear",
    "purge": "Purge",
    "destroy": "Destroy",
}
TECHNIQUE = {
    "overwrite": pgettext_lazy("technique", "overwrite"),
    "sanitize_overwrite": _("sanitize command, overwrite"),
    "block_erase": _("sanitize command, block erase"),
    "crypto_erase": _("cryptographic erase"),
    "secure_erase": _("ATA secure erase"),
    "enhanced_secure_erase": _("ATA secure erase, enhanced"),
    "format": _("NVMe format"),
    "factory_reset": _("factory reset"),
    "degauss": pgettext_lazy("technique", "degaussing"),
    "shred": pgettext_lazy("technique", "shredding"),
    "disintegrate": pgettext_lazy("technique", "disintegration"),
    "pulverize": pgettext_lazy("technique", "pulverizing"),
    "crush": pgettext_lazy("technique", "crushing"),
    "drill": pgettext_lazy("technique", "drilling"),
    "bend": pgettext_lazy("technique", "bending"),
    "incinerate": pgettext_lazy("technique", "incineration"),
    "melt": pgettext_lazy("technique", "melting"),
}
OUTCOME = {
    "success": _("completed without errors"),
    "failed": pgettext_lazy("erasure", "failed"),
    "aborted": pgettext_lazy("erasure", "aborted"),
    "exception": _("not all of the medium was reached"),
    "level_not_met": _("required level not met"),
    "not_supported": _("not supported by the medium"),
    "not_detected": _("medium not detected"),
}
VERIFICATION = {
    "full_read_back": _("full read-back"),
    "sampled_read_back": _("sampled read-back"),
    "last_pass_read_back": _("read-back of the last pass"),
    "tool_log": _("tool log reviewed"),
    "inspection": _("visual inspection"),
    "none": pgettext_lazy("verification", "none"),
}
VERDICT = {
    "passed": pgettext_lazy("verification", "passed"),
    "failed": pgettext_lazy("verification", "failed"),
    "not_done": pgettext_lazy("verification", "not done"),
}
ROLE = {
    "technician": pgettext_lazy("role", "technician"),
    "data_technician": _("data technician"),
    "quality": pgettext_lazy("role", "quality"),
    "witness": pgettext_lazy("role", "witness"),
    "lead": _("shift lead"),
    "manager": _("site manager"),
    "recycler": pgettext_lazy("role", "recycler"),
    "packer": pgettext_lazy("role", "packer"),
    "receiver": pgettext_lazy("role", "receiver of goods"),
    "system": pgettext_lazy("role", "system"),
}
ACT = {
    "performed": _("Performed by"),
    "verified": _("Verified by"),
    "witnessed": _("Witnessed by"),
    "approved": _("Approved by"),
}
DESTINATION: dict[str, str | Promise] = {
    "resale": pgettext_lazy("destination", "resale"),
    "redeployment": pgettext_lazy("destination", "redeployment"),
    "donation": pgettext_lazy("destination", "donation"),
    "return_to_owner": _("return to the owner"),
    "repair": pgettext_lazy("destination", "repair"),
    "recycling": pgettext_lazy("destination", "recycling"),
    "not_told": "—",
}
CLAIM_KIND: dict[str, str | Promise] = {
    "damage": pgettext_lazy("claim", "Damage"),
    "loss": pgettext_lazy("claim", "Loss"),
    "short": pgettext_lazy("claim", "Something is missing"),
    "delay": pgettext_lazy("claim", "Delay"),
}
REGIME: dict[str, str | Promise] = {
    "cmr": "CMR",
    "hgb": "HGB § 431",
    "montreal_22": _("Montreal Convention, 22 SDR/kg"),
    "montreal": _("Montreal Convention, 26 SDR/kg"),
    "own": _("as agreed in the contract"),
}
TABLES: Mapping[str, Mapping[str, str | Promise]] = MappingProxyType(
    {
        "kind": MEDIUM_KIND,
        "level": LEVEL,
        "technique": TECHNIQUE,
        "outcome": OUTCOME,
        "verification": VERIFICATION,
        "verdict": VERDICT,
        "role": ROLE,
        "act": ACT,
        "destination": DESTINATION,
        "claim_kind": CLAIM_KIND,
        "regime": REGIME,
    },
)
